"""A trace as sections of a report: rates, lengths, profile, and what to do."""

from recommender.report.blocks import Cell, Column, Items, Paragraph, Section, Table, Tone
from recommender.traces.stationarity import advice, is_stationary
from recommender.traces.statistics import LengthSummary, TraceStatistics
from recommender.traces.trace import Trace

_BARS = " ▁▂▃▄▅▆▇█"


def trace_sections(trace: Trace, found: TraceStatistics) -> tuple[Section, ...]:
    """Everything that `recommend workload` says about a trace."""
    tone: Tone = "good" if is_stationary(found) else "warning"
    repairs = (Section("repairs", "Repairs", (Items(trace.repairs),)),) if trace.repairs else ()
    notes = advice(found)
    return (
        Section("trace", f"Trace {trace.source}", (Paragraph(_headline(trace, found)),)),
        *repairs,
        Section("rates", "Rates", (_rates(found), Paragraph(_profile(found)))),
        Section("lengths", "Lengths", (_lengths(found), Paragraph(_relations(found)))),
        Section("advice", "Advice", (Items(notes),), tone) if notes else
        Section("advice", "Advice", (Paragraph("One rate describes this trace."),), tone),
    )  # fmt: skip


def _headline(trace: Trace, found: TraceStatistics) -> str:
    return (
        f"{found.requests:,} requests in {found.duration_s:,.0f} s ({trace.format}), "
        f"{found.requests_per_s:.3g} requests/s on average, burstiness {found.burstiness:.2f} "
        "(coefficient of variation of the gaps in the busiest minutes, 1 is Poisson)."
    )


def _rates(found: TraceStatistics) -> Table:
    columns = (
        Column("window"),
        Column("peak requests/s", numeric=True),
        Column("peak / mean", numeric=True),
        Column("from second", numeric=True),
        Column("index of dispersion", numeric=True),
    )
    rows = tuple(
        (
            Cell(f"{window.seconds:g} s"),
            Cell(f"{window.peak_requests_per_s:.3g}"),
            Cell(f"{window.peak_requests_per_s / found.requests_per_s:.2f}"),
            Cell(f"{window.peak_start_s:,.0f}"),
            Cell(f"{window.dispersion:.1f}"),
        )
        for window in found.windows
    )
    return Table(columns, rows)


def _profile(found: TraceStatistics) -> str:
    top = max(found.profile)
    bars = "".join(_BARS[round(8 * rate / top)] if top else " " for rate in found.profile)
    part = found.duration_s / len(found.profile)
    return f"Profile, {len(found.profile)} parts of {part:,.0f} s, up to {top:.3g}/s: {bars}"


def _lengths(found: TraceStatistics) -> Table:
    def row(name: str, length: LengthSummary) -> tuple[Cell, ...]:
        values = (length.mean, length.p50, length.p90, length.p99, float(length.longest))
        return (Cell(name), *(Cell(f"{value:,.0f}") for value in values))

    titles = ("mean", "p50", "p90", "p99", "longest")
    columns = (Column("tokens"), *(Column(title, numeric=True) for title in titles))
    return Table(columns, (row("prompt", found.input_tokens), row("output", found.output_tokens)))


def _relations(found: TraceStatistics) -> str:
    text = f"Correlation of prompt and output {found.correlation:+.2f}."
    if found.cached_share is not None:
        text += f" An unbounded prefix cache would serve {found.cached_share:.0%} of prompt tokens."
    return text
