"""A failure during a replay as a section of a report: the tail around it, and when it is back."""

from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Items, Paragraph, Section, Table
from recommender.verification.verification import Judged, JudgedGoodput, Outage, Phase, Recovery


def outage_sections(outage: Outage) -> tuple[Section, ...]:
    """What fails, each target before, during and after, and the time to recover."""
    what = f": {outage.what}" if outage.what else ""
    return (
        Section("failure", f"Failure{what}", (Paragraph(_headline(outage)),
                Items(_rules(outage)))),
        Section("phases", f"Before, during, after{what}",
                (_table(outage), Items(_recoveries(outage)))),
    )  # fmt: skip


def _rules(outage: Outage) -> tuple[str, ...]:
    when = "at once"
    if outage.unnoticed_s:
        when = f"when the failure is noticed, after {q.duration(outage.unnoticed_s)},"
    from_start = " of the prefill pool" if outage.what else ""
    return (
        f"{q.significant(outage.retried)} requests are sent again (mean of {outage.incidents} "
        "replays): those in flight on the lost nodes"
        + (", and those that came until it was noticed" if outage.unnoticed_s else ""),
        f"they start again {when} on a survivor{from_start}, chosen by routing weight; their times "
        "count from their first arrival, and as during",
        "repaired nodes come back empty",
    )


def _headline(outage: Outage) -> str:
    back = "and stays down"
    if outage.returns_s is not None:
        back = f"and returns after {q.duration(outage.returns_s - outage.fails_s)}"
    return (
        f"What is down fails {q.duration(outage.fails_s)} into the replay {back}; the replay ends "
        f"at {q.duration(outage.ends_s)}."
    )


def _table(outage: Outage) -> Table:
    columns = (
        Column("deployment"),
        Column("phase"),
        Column("target"),
        Column("limit", numeric=True),
        Column("replayed", numeric=True),
        Column("goodput", numeric=True),
        Column("verdict"),
    )
    rows: list[tuple[Cell, ...]] = []
    for phase in outage.phases:
        rows += [_row(phase, judged) for judged in phase.targets]
        if phase.goodput_judged is not None:
            rows.append(_goodput_row(phase, phase.goodput_judged))
    failing = frozenset(n for n, row in enumerate(rows) if row[-1].text != "holds")
    return Table(columns, tuple(rows), failing)


def _row(phase: Phase, judged: Judged) -> tuple[Cell, ...]:
    return (
        Cell(phase.deployment),
        Cell(phase.phase),
        Cell(judged.name),
        Cell(q.duration(judged.limit_s), judged.limit_s),
        Cell(q.interval(judged.value_s, judged.low_s, judged.high_s), judged.value_s),
        Cell(f"{phase.goodput:.2%}", phase.goodput),
        Cell(judged.verdict),
    )


def _goodput_row(phase: Phase, judged: JudgedGoodput) -> tuple[Cell, ...]:
    return (
        Cell(phase.deployment),
        Cell(phase.phase),
        Cell("goodput, all limits together"),
        Cell(f"{100 * judged.asked:g} %", judged.asked),
        Cell(f"{judged.low:.2%} to {judged.high:.2%}", judged.share),
        Cell(f"{phase.goodput:.2%}", phase.goodput),
        Cell(judged.verdict),
    )


def _recoveries(outage: Outage) -> tuple[str, ...]:
    lines = [_recovery(recovery) for recovery in outage.recoveries]
    during = [phase for phase in outage.phases if phase.phase == "during"]
    if any(phase.verdict == "breaks" for phase in during):
        lines.append(
            f"to keep the tail while {outage.failures} of them are down, solve again with "
            f"--redundancy n+{outage.failures}, or if it has that with more --headroom"
        )
        again = outage.retried * outage.incidents / max(1, sum(p.requests for p in during))
        lines.append(
            f"{again:.2%} of the requests during are those sent again: they "
            + ("wait until the failure is noticed" if outage.unnoticed_s else "start over")
            + ", whatever nodes are spare"
        )
    return tuple(lines)


def _recovery(recovery: Recovery) -> str:
    name = f"{recovery.deployment}: {recovery.target}"
    limit = "" if recovery.limit_s is None else f" inside {q.duration(recovery.limit_s)}"
    if recovery.back_after_s is None:
        return f"{name} is not back{limit} in this replay"
    if recovery.back_after_s == 0.0:
        return f"{name} is kept{limit} throughout"
    return f"{name} is back{limit} for good {q.duration(recovery.back_after_s)} after the failure"
