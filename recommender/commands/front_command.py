"""`recommend front`: exact Pareto fronts, of single-deployment plans or of mixed ones."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from recommender.commands.spec_options import collect, spec_options
from recommender.errors import SpecError

NO_POOLS = (
    "this front is of plans of one deployment, and pools are two; leave --disaggregate out, or ask "
    "for the front of pools with --mixed cost,power --disaggregate only"
)
CSV_DIGITS = "%.10g"
"""Of figures in CSV: all that mean anything; 11.62, where the sum is 11.620000000000001."""
AS_JSON = "take --json from standard output"
NO_PROFILE = "a front compares plans at one rate; leave --profile out, or give a period's --qps"


@click.command("front")
@spec_options
@click.option("--points", type=click.IntRange(2, 10_000), help="at most this many points, spread")
@click.option(
    "--mixed",
    metavar="AXES",
    help="front of mixed plans, proven point by point, on two or more of cost, power, p99, "
    "energy, carbon, accelerators, nodes, quality; --time-limit bounds it",
)
@click.option("--step", type=click.IntRange(1), help="least step on the second axis (default 1)")
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    help="keep the front of --mixed in this file, and go on from what is in it",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="write the points as CSV")
@click.option("--json", "as_json", is_flag=True, help="print the points as JSON")
@click.option("-q", "--quiet", is_flag=True, help="no progress on standard error")
def command(
    points: int | None,
    mixed: str | None,
    step: int | None,
    resume: Path | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **flags: Any,
) -> int:
    """Plans of which none beats another on cost, p99, power and quality loss.

    Plans of one deployment, or, with --mixed, any plan on two or more axes.
    """
    raw = collect(flags)
    if mixed is not None:
        if points is not None:
            raise SpecError("--points thins fronts without --mixed; leave out one of them")
        return _mixed(raw, mixed, step or 1, resume, output, as_json=as_json, quiet=quiet)
    for flag, value in (("--resume", resume), ("--step", step)):
        if value is not None:
            raise SpecError(f"{flag} is for fronts of mixed plans: say --mixed as well")
    return _single(raw, points, output, as_json=as_json, quiet=quiet)


def _single(
    raw: dict[str, Any], points: int | None, output: Path | None, *, as_json: bool, quiet: bool
) -> int:
    """The front of plans of one deployment."""
    from recommender.commands.solve_command import exit_code
    from recommender.engine import recommend
    from recommender.report.frames import front_frame
    from recommender.report.progress_display import progress_display
    from recommender.report.sections.front import front as front_section
    from recommender.report.sections.headline import headline
    from recommender.report.sections.repairs import repairs
    from recommender.report.sections.warnings import warnings
    from recommender.report.show import show_sections
    from recommender.request.spec_file import make_spec
    from recommender.write import check_format, check_writable, keep_text

    if output is not None:
        check_writable(output)
        check_format(output, written=".csv", instead=AS_JSON)
    spec = make_spec(raw)
    if spec.periods:
        raise SpecError(NO_PROFILE)
    if spec.disaggregate != "never":
        raise SpecError(NO_POOLS)
    with progress_display(quiet=quiet) as progress:
        plan = recommend(spec, progress=progress, explain=False, most_front_points=points)
    if output is not None:
        keep_text(output, front_frame(plan).to_csv(index=False, float_format=CSV_DIGITS))
    if as_json:
        click.echo(json.dumps([asdict(point) for point in plan.front], indent=2))
    elif output is None:
        listed = front_section(plan, most_rows=len(plan.front))
        parts = (headline(plan), listed, repairs(plan), warnings(plan))
        show_sections(tuple(part for part in parts if part is not None))
    return exit_code(plan, prove=spec.prove)


def _mixed(
    raw: dict[str, Any],
    text: str,
    step: int,
    resume: Path | None,
    output: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> int:
    """The front of mixed plans: 0 when it is complete, 3 without a plan, 4 when time was up.

    Interrupted it returns 4 as well, with what it has; cli.py makes that 130.
    """
    from recommender.fronts.front_axes import axes_of
    from recommender.fronts.mixed_fronts import front_of_mixed
    from recommender.report.mixed_front_report import frame, json_text, sections
    from recommender.report.progress_display import progress_display
    from recommender.report.show import show_sections
    from recommender.request.spec_file import make_spec
    from recommender.write import check_format, check_writable, keep_text

    axes = axes_of(text)
    for file in (output, resume):
        if file is not None:
            check_writable(file)
    if output is not None:
        check_format(output, written=".csv", instead=AS_JSON)
        if resume is not None and output.resolve() == resume.resolve():
            raise SpecError("-o and --resume name the same file; keep the front in one of its own")
    spec = make_spec(raw)
    if spec.periods:
        raise SpecError(NO_PROFILE)
    with progress_display(quiet=quiet) as progress:
        front = front_of_mixed(spec, axes, step=step, progress=progress, file=resume)
    if output is not None:
        keep_text(output, frame(front).to_csv(index=False, float_format=CSV_DIGITS))
    if as_json:
        click.echo(json_text(front))
    elif output is None:
        show_sections(sections(front))
    if not front.complete:
        return 4
    return 0 if front.points else 3
