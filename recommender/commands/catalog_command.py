"""`recommend catalog`: look at prices and hardware, check them, compare and import lists."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.commands.row_limit import most_in_json

if TYPE_CHECKING:
    from catalog import Catalog
    from catalog.filters import Filters

TABLES = (
    *("offers", "accelerators", "models", "checkpoints", "precisions", "engines", "workloads"),
    *("chassis", "support", "kv_support", "mig_profiles", "quality_losses", "exchange_rates"),
    "facts",
)
_OVERLAYS = click.option(
    "--catalog", "overlays", multiple=True, metavar="FILE", help="overlay, later ones win"
)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table")
_LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=40, show_default=True, help="most rows; 0 is all"
)


@click.group("catalog", invoke_without_command=True)
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
@_OVERLAYS
@_LIMIT
@_JSON
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

    catalog = _load(overlays)
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
        _warn_when_stale(catalog)
    return 0


@command.command("show")
@click.argument("name")
@_OVERLAYS
@_JSON
def show_command(name: str, overlays: tuple[str, ...], as_json: bool) -> int:
    """Show one row of any table: an accelerator, an offer, a model, a preset, a fact."""
    from catalog.differences import key_text, tables_of
    from catalog.errors import CatalogError, did_you_mean
    from catalog.export import to_json
    from catalog.tables import TABLES as KEYS
    from recommender.report.catalog_tables import row_section

    catalog = _load(overlays)
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


@command.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@_JSON
def check_command(files: tuple[str, ...], as_json: bool) -> int:
    """Check the catalogue, with overlays on top: schema, physics, prices, dates, references.

    Exit code 0 when nothing is wrong, 2 otherwise; warnings do not count.
    """
    import json
    from dataclasses import asdict

    from catalog.check import check

    catalog = _load(files)
    findings = check(catalog)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            click.echo(str(finding))
        counts = (
            f"{len(catalog.accelerators)} accelerators, {len(catalog.offers)} offers "
            f"({len(catalog.default_offers())} default), {len(catalog.models)} models"
        )
        verdict = "clean" if not errors else f"{errors} errors"
        click.echo(f"{counts}: {verdict}, {len(findings) - errors} warnings")
        _warn_when_stale(catalog)
    return 2 if errors else 0


@command.command("diff")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_JSON
def diff_command(files: tuple[str, ...], as_json: bool) -> int:
    """What overlays change: rows added, columns changed."""
    import json

    from catalog.differences import differences
    from recommender.report.catalog_tables import shown

    found = list(differences(_load(()), _load(files)))
    if as_json:
        rows = [
            {"kind": d.kind, "table": d.table, "key": d.key, "column": d.column}
            | ({"old": shown(d.old), "new": shown(d.new)} if d.kind == "changed" else {})
            for d in found
        ]
        click.echo(json.dumps(rows, indent=1))
        return 0
    for item in found:
        change = f" {item.column}: {shown(item.old)} -> {shown(item.new)}" if item.column else ""
        click.echo(f"{item.kind:<8}{item.table} {item.key}{change}")
    click.echo(f"{len(found)} difference{'' if len(found) == 1 else 's'}")
    return 0


@command.command("import")
@click.argument("source", metavar="FILE|URL|live:PROVIDER")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="overlay to write (.csv)")
@click.option("--format", "layout", metavar="NAME", help="gpuhunt, skypilot, list, offers, quotes")
@click.option("--provider", metavar="NAME", help="seller, where the list names none")
@click.option("--date", metavar="DAY", help="day of the prices (2026-11-21), where none is given")
@_OVERLAYS
def import_command(
    source: str, output: Path | None, layout: str | None, overlays: tuple[str, ...], **named: Any
) -> int:
    """Turn a price list into an overlay: gpuhunt, SkyPilot, a cloud's list, XLSX, quotes."""
    from catalog.export import to_csv
    from catalog.importers import FORMATS, import_offers
    from recommender.write import check_writable, write_text

    if layout is not None and layout not in FORMATS:
        raise click.UsageError(f"unknown format {layout!r}; known are {', '.join(FORMATS)}")
    if output is not None:
        check_writable(output)
        if not output.name.startswith("offers") or output.suffix != ".csv":
            raise click.UsageError(
                "an overlay of offers is named offers*.csv, such as offers-x.csv"
            )
    read = import_offers(source, _load(overlays), layout=layout, **named)
    text = to_csv(read.rows)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
    for row, reason in read.rejected[:20]:
        click.echo(f"row {row} left out: {reason}", err=True)
    if len(read.rejected) > 20:
        click.echo(f"... and {len(read.rejected) - 20} more", err=True)
    undated = sum("date" not in row and row.get("kind") != "quote" for row in read.rows)
    if undated:
        advice = "they count only with --offers all; give their day with --date"
        click.echo(f"{undated} offers have no day: {advice}", err=True)
    summary = f"{len(read.rows)} offers read as {read.format}, {len(read.rejected)} rows left out"
    advice = f"; see `recommend catalog check {output}`, then use --catalog {output}"
    click.echo(summary + (advice if output else ""), err=True)
    return 0


@command.command("export", epilog=f"TABLE is {', '.join(TABLES)}.")
@click.argument("table", type=click.Choice(TABLES), default="offers", metavar="[TABLE]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help=".csv or .json")
@_OVERLAYS
@_JSON
def export_command(
    table: str, output: Path | None, overlays: tuple[str, ...], as_json: bool
) -> int:
    """Write a whole table, overlays included, as CSV (default) or JSON."""
    from catalog.differences import tables_of
    from catalog.export import to_csv, to_json
    from recommender.write import check_format, check_writable, write_text

    as_json = as_json or (output is not None and output.suffix == ".json")
    if output is not None:
        check_writable(output)
        form = ".json" if as_json else ".csv"
        check_format(output, written=form, instead="leave --json out" if as_json else "*.json")
    rows = tables_of(_load(overlays))[table].values()
    text = to_json(rows) if as_json else to_csv(rows)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
    return 0


def _load(overlays: tuple[str, ...]) -> "Catalog":
    from catalog import load

    return load([Path(name) for name in overlays])


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


def _warn_when_stale(catalog: "Catalog") -> None:
    import datetime

    for warning in catalog.warnings(datetime.date.today()):
        click.echo(f"warning: {warning}", err=True)
