"""`recommend batch`: many specs, one table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from recommender.commands.many_answers import exit_code, first_failures
from recommender.commands.spec_options import settings_of
from recommender.plan import DECIDED

SIMULATED = "simulated"
"""What column `rates` says of plans that rest on simulation."""


@click.command("batch")
@click.argument(
    "specs", nargs=-1, required=True, metavar="SPECS...", type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="RUNS/",
    help="folder for results.csv and the journal; made if its parent exists",
)
@click.option("--jobs", type=click.IntRange(1, 256), help="processes (default: one per core)")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="for every spec")
@click.option("--simulate", is_flag=True, help="simulate rates instead of --fast (slower)")
@click.option("-q", "--quiet", is_flag=True, help="no progress on standard error")
def command(
    specs: tuple[Path, ...],
    folder: Path,
    jobs: int | None,
    settings: tuple[str, ...],
    simulate: bool,
    quiet: bool,
) -> int:
    """Solve the specs of CSV tables and YAML files, and write RUNS/results.csv.

    Columns are named like the flags, plus `name`. A YAML or JSON file holds one spec, a list of
    them, or several documents with lines of --- between. What cannot be read has status `failed`;
    the others are solved. Interrupted batches continue when started again.
    """
    import os

    import catalog
    from recommender.batch.batch import run_batch
    from recommender.batch.input import read_items
    from recommender.batch.output import make_folder, results_csv
    from recommender.interrupts import terminated_as_interrupted
    from recommender.report.progress_display import progress_display
    from recommender.write import write_text

    defaults: dict[str, Any] = {"fast": not simulate} | settings_of(settings)
    items = read_items(specs, defaults)
    make_folder(folder)
    try:
        with terminated_as_interrupted(), progress_display(quiet=quiet) as progress:
            known, workers = catalog.load().sha256, jobs or os.cpu_count() or 1
            rows = run_batch(items, folder, catalog_hash=known, workers=workers, progress=progress)
    except KeyboardInterrupt:
        click.echo(_kept(folder), err=True)
        raise
    write_text(folder / "results.csv", results_csv(rows))
    failed = [(str(row["name"]), str(row["error"])) for row in rows if row["status"] == "failed"]
    for line in first_failures(failed, all_in="column `error` of results.csv names each"):
        click.echo(line, err=True)
    click.echo(f"{_counts(rows)}; {_basis(rows)}{folder / 'results.csv'}", err=True)
    if hint := _hint(rows):
        click.echo(hint, err=True)
    return exit_code([str(row["status"]) for row in rows])


def _kept(folder: Path) -> str:
    """What an interrupted batch leaves."""
    from recommender.batch.journal import JOURNAL, read_journal

    journal = folder / JOURNAL
    kept = len(read_journal(journal))
    return f"{kept} decided specs are kept in {journal}; the same command goes on from there"


def _counts(rows: Sequence[Mapping[str, Any]]) -> str:
    """`4 specs: 1 decided, 2 failed, 1 not decided in time`; what there is none of is left out."""
    decided = sum(row["status"] in DECIDED for row in rows)
    failed = sum(row["status"] == "failed" for row in rows)
    late = len(rows) - decided - failed
    parts = [f"{decided} decided"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{late} not decided in time"] if late else []
    return f"{len(rows)} spec{'' if len(rows) == 1 else 's'}: {', '.join(parts)}"


def _hint(rows: Sequence[Mapping[str, Any]]) -> str:
    """What makes plans cheaper that rest on closed forms alone."""
    closed = sum(bool(row.get("rates")) and row["rates"] != SIMULATED for row in rows)
    if not closed:
        return ""
    plans = "1 plan rests" if closed == 1 else f"{closed} plans rest"
    return (
        f"{plans} on safe closed forms, which often cost half as much again as needed, or more: "
        "--simulate rates them by simulation (slower)"
    )


def _basis(rows: Sequence[Mapping[str, Any]]) -> str:
    """What rates and p99 rest on, as column `rates` says per row."""
    known = dict.fromkeys(str(row["rates"]) for row in rows if row.get("rates"))
    return f"rates: {' or '.join(known)} (column `rates`); " if known else ""
