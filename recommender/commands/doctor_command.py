"""`recommend doctor`: versions, solvers, caches and the catalogue, each tried."""

from pathlib import Path

import click

from recommender.commands.catalog_options import OVERLAYS


@click.command("doctor")
@OVERLAYS
def command(overlays: tuple[str, ...]) -> int:
    """Check the installation; exit code 0 when all is well, 1 when something is not."""
    from recommender.doctor.checks import checks

    failures = 0
    for check in checks([Path(name) for name in overlays]):
        mark = click.style("ok  ", fg="green") if check.good else click.style("FAIL", fg="red")
        click.echo(f"{mark} {check.name:<20} {check.detail}")
        failures += not check.good
    if failures:
        click.echo(f"{failures} of the checks above failed", err=True)
        raise click.exceptions.Exit(1)
    return 0
