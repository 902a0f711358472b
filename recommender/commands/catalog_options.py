"""What commands that show tables of the catalogue share: options, overlays, a warning of age."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catalog import Catalog
    from recommender.accuracy.names import Names

TABLES = (
    *("offers", "accelerators", "models", "checkpoints", "precisions", "engines", "workloads"),
    *("chassis", "support", "kv_support", "mig_profiles", "quality_losses", "exchange_rates"),
    "facts",
)


def _files(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Overlays as a spec reads them: `--catalog a.csv,b.csv` is `--catalog a.csv --catalog b.csv`.

    Raises
    ------
    SpecError
        One of them is blank, as of an unset shell variable.
    """
    from recommender.errors import SpecError
    from recommender.request.blanks import parts

    if not all(text.strip() for text in given):
        raise SpecError("--catalog is given without a value; leave it out, or say what")
    try:
        return tuple(name for text in given for name in parts(text, ","))
    except ValueError as error:
        raise SpecError(f"--catalog: {error}") from None


OVERLAYS = click.option(
    "--catalog",
    "overlays",
    multiple=True,
    metavar="FILES",
    callback=_files,
    help="overlay files or folders, later ones win",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table")


def load_catalog(overlays: tuple[str, ...]) -> "Catalog":
    """The shipped tables with these overlays on top."""
    from catalog import load

    return load([Path(name) for name in overlays])


def load_names(overlays: tuple[str, ...]) -> "Names":
    """Names of measurement rows, with those of these overlays."""
    from recommender.accuracy.known_names import known_names, names_of

    return names_of(load_catalog(overlays)) if overlays else known_names()


def warn_when_stale(catalog: "Catalog") -> None:
    """Say on standard error what the calendar has made doubtful."""
    import datetime

    for warning in catalog.warnings(datetime.date.today()):
        click.echo(f"warning: {warning}", err=True)
