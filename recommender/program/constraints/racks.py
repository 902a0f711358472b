r"""Racks: nodes stand in racks, each with so many units and so much power.

    racks[o]:    sum_{p on o} nodes[p] * n[p]  <=  per_rack[o] * r[o]
    racks:       sum_o r[o]  <=  R

    per_rack[o] = min( floor(units / units[o]),  floor(power / nameplate[o]) )

Symbol        Kind       Meaning                                             Unit
n[p]          variable   failure groups of kind p                            integer
r[o]          variable   racks filled with nodes of offer o                  integer
nodes[p]      parameter  nodes of one group                                  count
units[o]      parameter  height of a node                                    rack units
nameplate[o]  parameter  nameplate power of a node                           W
units, power  parameter  what one rack offers                                rack units, W
R             parameter  racks                                               count

A rack holds nodes of one offer (as they are installed and cooled) in one zone, where plans name
zones: o is then an offer in a zone. Mixing offers in a rack could need fewer racks. A node that
does not fit a rack has per_rack 0 and cannot be bought.
"""

from collections.abc import Iterator, Mapping

from recommender.program.column import Column
from recommender.program.row import Row


def nodes_per_rack(
    *, node_units: int, node_nameplate_w: int, rack_units: int, rack_power_w: int
) -> int:
    """Nodes of one kind that fit a rack [count]."""
    return min(rack_units // node_units, rack_power_w // node_nameplate_w)


def rack_columns(offers: Mapping[str, int], limit: int) -> Iterator[Column]:
    """One r[o] per offer (offer -> nodes per rack)."""
    for offer in offers:
        yield Column(_racks(offer), cost=0, upper=limit)


def racks(
    *,
    nodes: Mapping[str, int],
    offer_of: Mapping[str, str],
    per_rack: Mapping[str, int],
    limit: int,
) -> Iterator[Row]:
    """The row of each offer, then the row that counts racks."""
    for offer, fit in per_rack.items():
        members = {p: n for p, n in nodes.items() if offer_of[p] == offer}
        yield Row(f"racks[{offer}]", {**members, _racks(offer): -fit}, "<=", 0)
    yield Row("racks", {_racks(offer): 1 for offer in per_rack}, "<=", limit)


def _racks(offer: str) -> str:
    return f"rack[{offer}]"
