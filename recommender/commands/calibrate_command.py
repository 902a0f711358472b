"""`recommend calibrate`: constants of the performance model from measurements."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from recommender.commands.catalog_options import OVERLAYS, load_names

if TYPE_CHECKING:
    from recommender.accuracy.names import Names

OF_REPORTS = ("accelerator", "accelerators", "tp", "precision", "engine", "model")
"""Flags that say of JSON reports what a measurement file says in its rows."""
REFIT_KEEPS_CATALOG = (
    "--refit keeps the shipped catalogue: all other predictions and their errors would rest on"
    " figures that only --catalog holds; leave --catalog out, or --refit to scale the constants"
)


@click.command("calibrate")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="New folder for the calibration tables.",
)
@click.option("--refit", is_flag=True, help="Fit all constants anew, not one factor per engine.")
@click.option(
    "--wheel",
    type=click.Path(path_type=Path),
    help="With --refit: aiconfigurator-core 0.12.0, a .whl file or the folder of site-packages.",
)
@click.option("--accelerator", help="Of JSON reports: which accelerator they ran on.")
@click.option(
    "--accelerators",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Of JSON reports: on how many.",
)
@click.option(
    "--tp",
    type=click.IntRange(min=1),
    help="Of JSON reports: tensor parallelism.  [default: all of them]",
)
@click.option(
    "--precision",
    default="bf16",
    show_default=True,
    help="Of JSON reports: format of the weights, as fp8 or int4.",
)
@click.option("--engine", default="vllm", show_default=True, help="Of JSON reports: engine.")
@click.option("--model", help="Of JSON reports: model, in place of the name in them.")
@OVERLAYS
def command(
    runs: tuple[Path, ...],
    output: Path,
    refit: bool,
    wheel: Path | None,
    accelerator: str | None,
    accelerators: int,
    tp: int | None,
    precision: str,
    engine: str,
    model: str | None,
    overlays: tuple[str, ...],
) -> None:
    """Calibrate to RUNS: measurement files (.csv), vllm bench serve or GuideLLM JSON.

    Scales the constants of each measured engine and prints the error before and after, and where
    runs of one kind only leave the factor untested; five rows of TPOT, throughput or end-to-end
    time are the least. Plans, predict and accuracy take the folder by --calibration; on hardware
    of your own, with the same --catalog. With --refit, fits all constants and their errors from
    the files alone (minutes).
    """
    from recommender.accuracy.fit.calibrate import REPORTS, correct_to_runs, refit_all
    from recommender.accuracy.fit.run_reports import Bench
    from recommender.errors import SpecError
    from recommender.interrupts import terminated_as_interrupted

    if wheel is not None and not refit:
        raise click.UsageError("--wheel needs --refit")
    if refit and overlays:
        raise click.UsageError(REFIT_KEEPS_CATALOG)
    reports = [path for path in runs if path.suffix.lower() in REPORTS]
    if reports and accelerator is None:
        raise click.UsageError(f"{reports[0]} is a JSON report: name its --accelerator")
    if refit and reports:
        raise SpecError("--refit reads measurement files (.csv) only")
    if not reports:
        _refuse_flags_of_reports()
    _name_unread_columns([path for path in runs if path not in reports])
    if refit:
        with terminated_as_interrupted():  # which leaves no folder of shipped tables behind
            refit_all(runs, wheel, output, report=lambda line: click.echo(line, err=True))
        return
    names = load_names(overlays)
    if reports:
        _refuse_unknown_engine(engine, names)
    if tp is not None and (tp > accelerators or accelerators % tp):
        raise click.UsageError(f"--tp {tp} does not divide --accelerators {accelerators}")
    bench = Bench(accelerator or "", accelerators, tp or accelerators, precision, engine, model)
    for line in correct_to_runs(runs, bench, output, names):
        click.echo(line)


def _refuse_unknown_engine(engine: str, names: "Names") -> None:
    """Reports do not say which engine answered: the flag has to be one that is known."""
    from catalog.errors import did_you_mean
    from recommender.accuracy.engine_names import SERVING_ENGINES, UNKNOWN

    if names.engine(engine) == UNKNOWN:
        known = (*SERVING_ENGINES, *(row.name for row in names.own.engines.values()))
        hint = did_you_mean(engine, known) or f"known are {', '.join(known)}"
        raise click.UsageError(f"--engine {engine!r} is not known; {hint}")


def _name_unread_columns(tables: list[Path]) -> None:
    """Say which columns of measurement files are none of the format; a pipe is read only once."""
    from recommender.accuracy.predict_file import ADDED
    from recommender.accuracy.row_file import open_rows, unread_columns

    for path in tables:
        if path.is_file():
            with open_rows(path) as (header, _):
                if note := unread_columns(header, besides=ADDED):
                    click.echo(f"{path}: {note}", err=True)


def _refuse_flags_of_reports() -> None:
    """Where every run is a row of a measurement file, flags of reports would change nothing."""
    context = click.get_current_context()
    for name in OF_REPORTS:
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise click.UsageError(
                f"--{name} is for JSON reports (*.json, *.jsonl); rows of a measurement file (.csv)"
                " say it themselves"
            )
