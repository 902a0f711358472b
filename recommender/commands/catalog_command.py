"""`recommend catalog`: look at prices and hardware, the shipped and one's own."""

from typing import TYPE_CHECKING, Any

import click

from recommender.commands.catalog_files import (
    check_command,
    diff_command,
    export_command,
    import_command,
)
from recommender.commands.catalog_options import (
    AS_JSON,
    OVERLAYS,
    TABLES,
    load_catalog,
    warn_when_stale,
)
from recommender.commands.row_limit import LIMIT, most_in_json
from recommender.commands.subcommands import Subcommands

if TYPE_CHECKING:
    from catalog import Catalog
    from catalog.filters import Filters


@click.group("catalog", cls=Subcommands, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """What can be bought, and the facts behind it, each with source and date."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("list", epilog=f"TABLE is {', '.join(TABLES)} or left_out.")
@click.argument(
    "table", type=click.Choice((*TABLES, "left_out")), default="offers", metavar="[TABLE]"
)
@click.option("--gpu", multiple=True, metavar="NAME[:N]", help="H100, H100:8, A100:2.., !L4")
@click.option("--memory", metavar="SIZE", help="of one accelerator: 80GB.., 24GB..48GB")
@click.option("--max-price", metavar="MONEY", help="$3/h for a node, $2.5/gpu-h for one of it")
@click.option("--provider", multiple=True)
@click.option("--region", multiple=True)
@click.option("--terms", multiple=True, help="on_demand, spot, reserved_1yr, reserved_3yr, owned")
@click.option("--spot", is_flag=True, help="the same as --terms spot")
@click.option("--all", "everything", is_flag=True, help="not only the default offers")
@OVERLAYS
@LIMIT
@AS_JSON
def list_command(
    table: str, overlays: tuple[str, ...], limit: int, as_json: bool, **filters: Any
) -> int:
    """List offers (cheapest per accelerator first) or the rows of another table.

    `left_out` lists what the catalogue does not use, with the reason.
    """
    from catalog.differences import tables_of
    from catalog.export import to_json
    from catalog.filters import select_offers
    from recommender.report import catalog_tables as tables

    catalog = load_catalog(overlays)
    if table != "offers":
        given = [name for name, value in filters.items() if value]
        if given:
            raise click.UsageError(f"--{given[0].replace('_', '-')} filters offers, not {table}")
        if table == "left_out":
            _show_left_out(catalog, limit, as_json=as_json)
            return 0
        rows = list(tables_of(catalog)[table].values())
        if as_json:
            click.echo(to_json(rows[: most_in_json(limit)]), nl=False)
        else:
            _show(tables.table_section(table, rows, limit))
        return 0
    wanted = _filters(catalog, filters)
    offers = select_offers(catalog, wanted)
    if not offers:
        from catalog.why_empty import why_empty

        for sentence in why_empty(catalog, wanted):
            click.echo(sentence, err=True)
    if as_json:
        click.echo(to_json(offers[: most_in_json(limit)]), nl=False)
    else:
        _show(tables.offers_section(catalog, offers, limit))
        warn_when_stale(catalog)
    return 0


@command.command("show")
@click.argument("name")
@OVERLAYS
@AS_JSON
def show_command(name: str, overlays: tuple[str, ...], as_json: bool) -> int:
    """Show one row of any table: an accelerator, an offer, a model, a preset, a fact."""
    from catalog.differences import key_text, tables_of
    from catalog.errors import CatalogError, did_you_mean
    from catalog.export import to_json
    from catalog.tables import TABLES as KEYS
    from recommender.report.catalog_tables import row_section

    catalog = load_catalog(overlays)
    known: list[str] = []
    for table, rows in tables_of(catalog).items():
        for key, row in rows.items():
            names = [key_text(key), *getattr(row, "aliases", ())]
            known += names
            if name.casefold() in (item.casefold() for item in names):
                if as_json:
                    click.echo(to_json([row]), nl=False)
                else:
                    origin = (table, KEYS[table].key_of(row.model_dump()))
                    _show(row_section(row, catalog.origins.get(origin, ())))
                return 0
    raise CatalogError(f"nothing is called {name!r}", hint=did_you_mean(name, known))


def _filters(catalog: "Catalog", given: dict[str, Any]) -> "Filters":
    """What was asked for; without terms, on demand and own hardware."""
    from catalog.filters import Filters

    everything, spot = given.pop("everything"), given.pop("spot")
    terms = [*given.pop("terms"), *(["spot"] if spot else [])]
    if not terms and not everything:
        owned = any(offer.terms == "owned" for offer in catalog.offers.values())
        terms = ["on_demand", *(["owned"] if owned else [])]
    return Filters(terms=terms, default_only=not everything, **given)


def _show_left_out(catalog: "Catalog", limit: int, *, as_json: bool) -> None:
    import json

    from recommender.report.catalog_tables import left_out_section

    if as_json:
        rows = catalog.left_out[: most_in_json(limit)]
        click.echo(json.dumps([row._asdict() for row in rows], indent=1))
    else:
        _show(left_out_section(catalog, limit))


def _show(section: Any) -> None:
    from recommender.report.show import show_sections

    show_sections((section,))


for _beside in (check_command, diff_command, import_command, export_command):
    command.add_command(_beside)
