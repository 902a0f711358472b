"""A verification as sections of a report: the verdict, the targets, percentiles, what breaks.

Of a trace each target has two lines: in the peak minute, where a plan promises it, and over all
of the trace.
"""

from math import isfinite

from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Items, Paragraph, Section, Table, Tone
from recommender.report.outage_section import outage_sections
from recommender.report.undecided import undecided
from recommender.verification.verification import (
    Busiest,
    Judged,
    JudgedGoodput,
    Measured,
    Replayed,
    Verification,
)

MINUTE, ALL = "peak minute", "whole trace"
NOT_PROMISED = "not promised"
_TONES: dict[str, Tone] = {"holds": "good", "breaks": "bad", "undecided": "warning"}


def verification_sections(found: Verification) -> tuple[Section, ...]:
    """Everything that `recommend verify` says."""
    words = undecided(found) if found.verdict == "undecided" else _verdict(found)
    return (
        Section("verdict", "Replay", (Paragraph(words, strong=True),
                Items(tuple(_facts(found)))), _TONES[found.verdict]),
        *_changed(found),
        *(_failures(found) if found.outages else _steady(found)),
    )  # fmt: skip


def _verdict(found: Verification) -> str:
    """That it holds or breaks; of a trace where."""
    promised = found.promises_busiest
    if found.verdict == "holds":
        where = ", in the peak minute of the trace and over all of it" if promised else ""
        return f"The plan holds: every upper confidence limit is inside its target{where}."
    over_all, in_minute = found.verdict_over_all, found.verdict_in_busiest
    if found.changed or not promised:
        return "The plan breaks."
    if over_all != "breaks":
        held = ", though it holds over all of it" if over_all == "holds" else ""
        return f"The plan breaks in the peak minute of the trace{held}."
    if in_minute != "breaks":
        return "The plan breaks over all of the trace, though not in its peak minute."
    return "The plan breaks, in the peak minute of the trace and over all of it."


def _failures(found: Verification) -> tuple[Section, ...]:
    return tuple(section for outage in found.outages for section in outage_sections(outage))


def _steady(found: Verification) -> tuple[Section, ...]:
    return (
        Section("targets", "Targets", (_targets(found), Items(tuple(_troubles(found))))),
        Section("percentiles", "Percentiles", tuple(_percentiles(r) for r in found.replays)),
    )


def _facts(found: Verification) -> list[str]:
    return [
        f"{q.significant(found.demand_requests_per_s)} requests/s in the peak window, "
        f"{found.arrivals}",
        *(f"trace: {repair}" for repair in found.repairs),
        *(f"down: {lost}" for lost in found.lost),
        *(_replayed(r) for r in found.replays),
        *(_minute(r, r.busiest) for r in found.replays if r.busiest is not None),
    ]


def _minute(r: Replayed, busiest: Busiest) -> str:
    text = (
        f"{r.deployment}: peak minute of the trace, from second {busiest.start_s:,.0f}, replayed "
        f"{q.counted(busiest.minutes, 'time')} with {q.count(busiest.requests)} requests in all; "
        f"goodput {busiest.goodput:.2%}"
    )
    return text if busiest.promised else f"{text}; not promised with --slo-over trace"


def _replayed(r: Replayed) -> str:
    text = (
        f"{r.deployment}: {q.counted(r.replicas, 'replica')}, one replayed with "
        f"{q.count(r.requests)} requests at {q.significant(r.requests_per_s)} requests/s; "
        f"goodput {r.goodput:.2%}"
    )
    if r.cached_share > 0.0:
        text += f"; {r.cached_share:.1%} of prompt tokens found in the prefix cache"
    if r.preemptions is not None:
        text += f"; {q.counted(r.preemptions, 'preemption')}"
    return text


def _changed(found: Verification) -> tuple[Section, ...]:
    if not found.changed:
        return ()
    lines = tuple(
        f"{finding.promise}: the plan says {finding.stated:.6g} {finding.unit}, its own "
        f"arithmetic {finding.rederived:.6g}"
        for finding in found.changed
    )
    return (Section("changed", "This plan was edited, or is not consistent", (Items(lines),)),)


def _targets(found: Verification) -> Table:
    of_trace = any(replayed.busiest is not None for replayed in found.replays)
    columns = (
        Column("deployment"),
        Column("target"),
        *((Column("over"),) if of_trace else ()),
        Column("limit", numeric=True),
        Column("replayed", numeric=True),
        Column("90 % interval", numeric=True),
        Column("verdict"),
    )
    rows: list[tuple[Cell, ...]] = []
    for replayed in found.replays:
        name, busiest = replayed.deployment, replayed.busiest
        if busiest is not None:
            told = busiest.promised
            rows += [_row(name, judged, MINUTE, told) for judged in busiest.targets]
            rows += [_goodput_row(name, g, MINUTE, told) for g in _any(busiest.goodput_judged)]
        over = ALL if of_trace else ""
        rows += [_row(name, judged, over) for judged in replayed.targets]
        rows += [_goodput_row(name, g, over) for g in _any(replayed.goodput_judged)]
    failing = frozenset(n for n, row in enumerate(rows) if row[-1].text in ("breaks", "undecided"))
    return Table(columns, tuple(rows), failing)


def _any(goodput: JudgedGoodput | None) -> tuple[JudgedGoodput, ...]:
    return () if goodput is None else (goodput,)


def _row(name: str, judged: Judged, over: str, promised: bool = True) -> tuple[Cell, ...]:
    return (
        Cell(name),
        Cell(judged.name),
        *((Cell(over),) if over else ()),
        Cell(q.duration(judged.limit_s), judged.limit_s),
        Cell(q.duration(judged.value_s), judged.value_s),
        Cell(_limits(judged)),
        Cell(judged.verdict if promised else NOT_PROMISED),
    )


def _limits(judged: Judged) -> str:
    if isfinite(judged.high_s):
        return f"{q.duration(judged.low_s)} to {q.duration(judged.high_s)}"
    return f"above {q.duration(judged.low_s)}"


def _goodput_row(
    name: str, judged: JudgedGoodput, over: str, promised: bool = True
) -> tuple[Cell, ...]:
    return (
        Cell(name),
        Cell("goodput, all limits together"),
        *((Cell(over),) if over else ()),
        Cell(f"{100 * judged.asked:g} %", judged.asked),
        Cell(f"{judged.share:.2%}", judged.share),
        Cell(f"{judged.low:.2%} to {judged.high:.2%}"),
        Cell(judged.verdict if promised else NOT_PROMISED),
    )


def _troubles(found: Verification) -> list[str]:
    lines = []
    for replayed in found.replays:
        for judged in replayed.targets:
            if judged.breaks_from_s is not None:
                lines.append(
                    f"{replayed.deployment}: {judged.name} breaks from second "
                    f"{judged.breaks_from_s:,.0f} of the replay"
                )
        of_goodput = replayed.goodput_judged
        if of_goodput is not None and of_goodput.breaks_from_s is not None:
            lines.append(
                f"{replayed.deployment}: goodput falls short from second "
                f"{of_goodput.breaks_from_s:,.0f} of the replay"
            )
        if replayed.grows:
            lines.append(
                f"{replayed.deployment}: the queue grows, the last tenth waits "
                f"{replayed.growth:.1f} x as long as the first"
            )
        if replayed.mend:
            lines.append(f"{replayed.deployment}: {replayed.mend}")
    return lines or ["no queue grows"]


def _percentiles(replayed: Replayed) -> Table:
    metrics = tuple(replayed.percentiles)
    first = replayed.percentiles[metrics[0]]
    columns = (
        Column(replayed.deployment),
        *(Column(f"p{m.percentile * 100:g}", numeric=True) for m in first),
    )
    rows = tuple(
        (Cell(metric.upper()), *(Cell(_shown(m), m.value_s) for m in replayed.percentiles[metric]))
        for metric in metrics
    )
    return Table(columns, rows)


def _shown(m: Measured) -> str:
    return q.interval(m.value_s, m.low_s, m.high_s)
