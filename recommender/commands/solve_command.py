"""`recommend solve`, the default command: the best plan, proven and audited."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.commands.spec_options import collect, spec_options
from recommender.errors import SpecError

if TYPE_CHECKING:
    from recommender.plan import Plan

PROGRAM_FORMATS = (".lp", ".mps")
BROKEN = 5
EXIT_OF_STATUS = {"optimal": 0, "infeasible": 3, "feasible": 4, "not_reached": 4, "failed": 4}


@click.command("solve")
@spec_options
@click.option("-o", "--output", type=click.Path(path_type=Path), help="save the plan as JSON")
@click.option("--json", "as_json", is_flag=True, help="print the plan as JSON")
@click.option(
    "--write-lp",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="write the integer program: FILE.lp or FILE.mps",
)
@click.option(
    "--alternatives",
    type=click.IntRange(0, 50),
    default=0,
    metavar="K",
    help="also the K best plans that use other accelerator types",
)
@click.option("-q", "--quiet", is_flag=True, help="no progress on standard error")
def command(
    output: Path | None,
    as_json: bool,
    write_lp: Path | None,
    alternatives: int,
    quiet: bool,
    **flags: Any,
) -> int:
    """Find the best plan for one service, prove it, audit it.

    \b
    recommend --model 236b --qps 2000 --p99 200ms
    recommend -f spec.yaml --set qps=500 --json
    """
    raw = collect(flags)
    from recommender.engine import recommend
    from recommender.report.progress_display import progress_display
    from recommender.report.show import show_plan
    from recommender.request.spec_file import make_spec
    from recommender.write import check_format, check_writable, keep_text

    for path in (output, write_lp):
        if path is not None:
            check_writable(path)
    if output is not None:
        check_format(output, written=".json", instead="turn it into others by `recommend render`")
    if write_lp is not None and write_lp.suffix not in PROGRAM_FORMATS:
        raise SpecError(f"--write-lp {write_lp}: the file must end in .lp or .mps")
    spec = make_spec(raw)
    if alternatives and spec.periods:
        from recommender.explanation.alternatives import NO_PROFILE

        raise SpecError(NO_PROFILE)
    with progress_display(quiet=quiet) as progress:
        plan = recommend(spec, progress=progress, write_lp=write_lp, most_alternatives=alternatives)
    if output is not None or as_json:
        from recommender.report.json_plan import to_json

        text = to_json(plan)
        if output is not None:
            keep_text(output, text)
        if as_json:
            click.echo(text, nl=False)
    if not as_json:
        show_plan(plan)
    return exit_code(plan, prove=spec.prove)


def exit_code(plan: "Plan", *, prove: bool) -> int:
    """The documented exit code of a solved spec; a broken promise comes before its proof."""
    if not all(finding.holds for finding in plan.audit):
        return BROKEN
    if prove and plan.status == "optimal" and plan.proof in ("", "one solver"):
        return 4
    return EXIT_OF_STATUS.get(plan.status, 1)
