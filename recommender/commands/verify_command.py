"""`recommend verify`: replay a saved plan, also on a trace and with nodes down."""

import json
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recommender.queueing.policy import KvPolicy
    from recommender.verification.prefix_hits import PrefixCache
    from recommender.verification.verification import Verification

_EXIT = {"holds": 0, "breaks": 5, "undecided": 4}


@click.command("verify")
@click.argument("plan_file", metavar="PLAN")
@click.option(
    "--trace",
    "trace_file",
    type=click.Path(path_type=Path),
    help="Replay this trace, superposed or thinned to the plan's rate in its peak minute.",
)
@click.option("--failures", type=click.IntRange(0), default=0, help="Worst failure groups lost.")
@click.option(
    "--fail-at",
    metavar="TIME[:REPAIR[:NOTICED]]",
    help="Let the worst groups fail during the replay: 10min:30min:15s; peak with --trace.",
)
@click.option(
    "--prefix-cache",
    type=click.Choice(["lru", "ideal", "plan", "off"], case_sensitive=False),
    help="What a prefix cache finds in the trace; lru if it has block hashes.",
)
@click.option(
    "--kv",
    type=click.Choice(["reserve", "preempt"], case_sensitive=False),
    default="reserve",
    help="Reserve KV for whole requests, as plans are sized, or take it as needed, as vLLM does.",
)
@click.option("--at", "hour", metavar="HOUR", help="Period of a day's plan: 3h; else its peak.")
@click.option("--hours", type=click.FloatRange(0, 1000), default=0.0, help="Time to replay.")
@click.option("--json", "as_json", is_flag=True, help="Print what was measured as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
def command(
    plan_file: str,
    trace_file: Path | None,
    failures: int,
    fail_at: str | None,
    prefix_cache: "PrefixCache | None",
    kv: "KvPolicy",
    hour: str | None,
    hours: float,
    as_json: bool,
    quiet: bool,
) -> int:
    """Simulate the plan in the file PLAN: exit 0 if it holds, 5 if it breaks, 4 if undecided.

    With --trace its busiest minute is judged by itself, too; not of a plan with --slo-over trace.

    Files that the plan names (--catalog, --calibration, --trace, ./config.json) are looked for
    beside the plan, then in the working folder.
    """
    from recommender.report.progress_display import progress_display
    from recommender.report.read import read_plan
    from recommender.report.show import show_sections
    from recommender.report.verification_section import verification_sections
    from recommender.verification.plan_replay import verify_plan

    if not isfinite(hours):
        raise click.UsageError(f"--hours {hours}: how long? Write it like 0.5")
    plan = read_plan(plan_file)
    if hour is not None:
        from recommender.verification.at_hour import at_hour, hour_of

        plan = at_hour(plan, hour_of(hour))
    with progress_display(quiet=quiet) as progress:
        found = verify_plan(
            plan,
            folder=None if plan_file == "-" else Path(plan_file).parent,
            trace_file=trace_file,
            failures=failures,
            hours=hours,
            fail_at=fail_at,
            prefix_cache=prefix_cache,
            kv=kv,
            progress=progress.phase,
        )
    if as_json:
        document = _finite({"verdict": found.verdict, **_of_trace(found), **asdict(found)})
        click.echo(json.dumps(document, indent=2, allow_nan=False))
    else:
        show_sections(verification_sections(found))
    return _EXIT[found.verdict]


def _of_trace(found: "Verification") -> dict[str, Any]:
    """What a trace says in its busiest minute and over all of it; nothing without one."""
    if found.verdict_in_busiest is None:
        return {}
    return {
        "verdict_in_busiest_minute": found.verdict_in_busiest,
        "busiest_minute_is_promised": found.promises_busiest,
        "verdict_over_whole_trace": found.verdict_over_all,
    }


def _finite(value: Any) -> Any:
    """JSON has no infinity: an interval of too few requests is null."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not isfinite(value) else value
