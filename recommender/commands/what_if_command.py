"""`recommend what-if`: sweep one value of the spec or catalogue."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.commands.many_answers import exit_code, first_failures
from recommender.commands.spec_options import collect, spec_options
from recommender.errors import SpecError

if TYPE_CHECKING:
    from recommender.request.spec import Spec
    from recommender.what_if.what_if import Step


@click.command("what-if")
@spec_options
@click.option(
    "--vary",
    required=True,
    metavar="PATH=RANGE",
    help="qps=500..5000:500, price.H100=-30%..+30%:10%, ttft_p99=100ms,200ms, stock.OFFER=0..8:2",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="write the steps as CSV")
@click.option("--json", "as_json", is_flag=True, help="print the steps as JSON")
@click.option("-q", "--quiet", is_flag=True, help="no progress on standard error")
def command(vary: str, output: Path | None, as_json: bool, quiet: bool, **flags: Any) -> int:
    """How the answer changes along one value, and where it flips.

    Values that cannot be read fail and are named; the others are solved.
    """
    raw = collect(flags)
    path, separator, span = vary.partition("=")
    if not separator:
        raise SpecError(f"--vary {vary!r} is not PATH=RANGE, such as qps=500..5000:500")
    import catalog
    from recommender.report.progress_display import progress_display
    from recommender.report.show import show_sections
    from recommender.report.sweep_table import basis, sweep_csv, sweep_section
    from recommender.what_if.sweep import sweep_values
    from recommender.what_if.what_if import what_if
    from recommender.write import check_format, check_writable, keep_text

    if output is not None:
        check_writable(output)
        check_format(output, written=".csv", instead="take --json from standard output")
    values = sweep_values(span)
    spec = _spec(raw, path.replace("-", "_"), values)
    facts = catalog.load([Path(name) for name in spec.catalog])
    with progress_display(quiet=quiet) as progress:
        steps = _until_interrupted(what_if(spec, path, values, catalog=facts, progress=progress))
    failures = tuple(_failures(path, steps))
    if output is not None:
        keep_text(output, sweep_csv(steps))
    if as_json:
        document = {"path": path, "basis": basis(steps), "steps": [asdict(s) for s in steps]}
        click.echo(json.dumps(document, indent=2))
    elif output is None:
        show_sections((sweep_section(path, steps),))
    for line in failures:
        click.echo(line, err=True)
    return _exit_code(steps)


def _spec(raw: dict[str, Any], key: str, values: tuple[str, ...]) -> "Spec":
    """The spec that is varied; what is varied need not be given as well, any value of it does."""
    from recommender.request.spec import Spec
    from recommender.request.spec_file import make_spec

    if key not in Spec.model_fields or key in raw:
        return make_spec(raw)
    refused: list[SpecError] = []
    for value in values:
        try:
            return make_spec(raw | {key: value})
        except SpecError as error:
            refused.append(error)
    raise refused[0]


def _until_interrupted(steps: "Iterator[Step]") -> "list[Step]":
    """The steps, those before Ctrl-C at least; cli.py then exits with 130."""
    found: list[Step] = []
    try:
        for step in steps:
            found.append(step)
    except KeyboardInterrupt:
        if not found:
            raise
    return found


def _failures(path: str, steps: "Sequence[Step]") -> "Iterator[str]":
    """The first failed values with what is wrong, and how many; SpecError where all failed."""
    failed = [step for step in steps if step.status == "failed"]
    if len(failed) == len(steps):
        raise SpecError(failed[0].answer)
    named = [(f"{path}={step.value}", step.answer) for step in failed]
    yield from first_failures(named, all_in="the table has all")
    if failed:
        yield f"{len(failed)} of {len(steps)} values failed"


def _exit_code(steps: "Sequence[Step]") -> int:
    """As of a batch; 3 when all values are decided and none has a plan."""
    without_plan = all(step.cost_usd_per_h is None for step in steps)
    return exit_code([step.status for step in steps]) or (3 if without_plan else 0)
