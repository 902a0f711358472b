"""What commands that show tables of the catalogue share: options, overlays, a warning of age."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catalog import Catalog

TABLES = (
    *("offers", "accelerators", "models", "checkpoints", "precisions", "engines", "workloads"),
    *("chassis", "support", "kv_support", "mig_profiles", "quality_losses", "exchange_rates"),
    "facts",
)
OVERLAYS = click.option(
    "--catalog", "overlays", multiple=True, metavar="FILE", help="overlay, later ones win"
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table")


def load_catalog(overlays: tuple[str, ...]) -> "Catalog":
    """The shipped tables with these overlays on top."""
    from catalog import load

    return load([Path(name) for name in overlays])


def warn_when_stale(catalog: "Catalog") -> None:
    """Say on standard error what the calendar has made doubtful."""
    import datetime

    for warning in catalog.warnings(datetime.date.today()):
        click.echo(f"warning: {warning}", err=True)
