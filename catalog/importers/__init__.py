"""Reading other people's price lists into rows of the offers table.

    format     what it is                                   recognised by the columns
    gpuhunt    catalogue CSV of dstack's gpuhunt            instance_name, gpu_name, price
    skypilot   `vms.csv` of a SkyPilot catalogue            InstanceType, AcceleratorName, Price
    offers     a table with the columns of `offers`         instance_type, node_accelerators
    list       a cloud price list                           instance_type, ondemand_per_h
    quotes     a list of quotes, in common words            a GPU and a price

Rows that cannot be used are rejected with a reason. Rows that differ only by zone are one
offer: the cheapest stays, so that no row is counted twice.

read (recognises the format) -> fetch, live, spreadsheet (where a list comes from) -> gpuhunt,
skypilot, price_list, quotes <- cells, resolve (which accelerator is meant) -> usable, rejected
"""

from catalog.importers.read import FORMATS, Imported, import_offers

__all__ = ["FORMATS", "Imported", "import_offers"]
