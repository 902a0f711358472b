"""`recommend catalog check`, `diff`, `import`, `export`: tables of one's own, in and out."""

from pathlib import Path
from typing import Any

import click

from recommender.commands.catalog_options import (
    AS_JSON,
    OVERLAYS,
    TABLES,
    load_catalog,
    warn_when_stale,
)


@click.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@OVERLAYS
@AS_JSON
def check_command(files: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> int:
    """Check the catalogue, with overlays on top: schema, physics, prices, dates, references.

    FILE is one more overlay, above those of --catalog.
    Exit code 0 when nothing is wrong, 2 otherwise; warnings do not count.
    """
    import json
    from dataclasses import asdict

    from catalog.check import check

    catalog = load_catalog((*overlays, *files))
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
        warn_when_stale(catalog)
    return 2 if errors else 0


@click.command("diff")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@OVERLAYS
@AS_JSON
def diff_command(files: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> int:
    """What overlays change: rows added, columns changed.

    FILE is compared with the catalogue that --catalog makes; without FILE, what --catalog changes
    of the shipped one.
    """
    import json

    from catalog.differences import differences
    from recommender.report.catalog_tables import shown

    if not files and not overlays:
        raise click.UsageError("name the overlays that are to be compared, as FILE or --catalog")
    before = load_catalog(overlays if files else ())
    found = list(differences(before, load_catalog((*overlays, *files))))
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


@click.command("import")
@click.argument("source", metavar="FILE|URL|live:PROVIDER")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="overlay to write (.csv)")
@click.option("--format", "layout", metavar="NAME", help="gpuhunt, skypilot, list, offers, quotes")
@click.option("--provider", metavar="NAME", help="seller, where the list names none")
@click.option("--date", metavar="DAY", help="day of the prices (2026-11-21), where none is given")
@OVERLAYS
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
    read = import_offers(source, load_catalog(overlays), layout=layout, **named)
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


@click.command("export", epilog=f"TABLE is {', '.join(TABLES)}.")
@click.argument("table", type=click.Choice(TABLES), default="offers", metavar="[TABLE]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help=".csv or .json")
@OVERLAYS
@AS_JSON
def export_command(
    table: str, output: Path | None, overlays: tuple[str, ...], as_json: bool
) -> int:
    """Write a whole table, overlays included, as CSV (default) or JSON."""
    from catalog.differences import tables_of
    from catalog.export import to_csv, to_json
    from recommender.write import check_format, check_writable, write_text

    as_json = as_json or (output is not None and output.suffix.lower() == ".json")
    if output is not None:
        check_writable(output)
        form = ".json" if as_json else ".csv"
        check_format(output, written=form, instead="leave --json out" if as_json else "*.json")
    rows = tables_of(load_catalog(overlays))[table].values()
    text = to_json(rows) if as_json else to_csv(rows)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
    return 0
