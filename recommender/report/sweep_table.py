"""A sweep as a table: the answer at each value, marked where it flips."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, fields
from itertools import pairwise

from recommender.horizon import span_words
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Paragraph, Section, Table
from recommender.what_if.what_if import Step

TODAY = re.compile(r"[+-]0*(\.0*)?%")
"""Of a sweep relative to today's value: no change."""


def sweep_section(path: str, steps: Sequence[Step]) -> Section:
    """One row per value; `>` marks a step whose accelerators or layouts differ from before."""
    spans = {step.horizon_h for step in steps if step.horizon_h is not None}
    name = f"over {span_words(*spans)}" if len(spans) == 1 else "over the horizon"
    over = (Column(name, numeric=True),) if spans else ()
    columns = (
        Column(""),
        Column(path),
        Column("$/h", numeric=True),
        *over,
        Column("p99", numeric=True),
        Column("power", numeric=True),
        Column("answer"),
    )
    rows = tuple(
        (
            Cell(">" if step.flips else ""),
            Cell(step.value),
            Cell("" if step.cost_usd_per_h is None else q.dollars(step.cost_usd_per_h)),
            *([Cell(_over(step))] if over else []),
            Cell("" if step.p99_s is None else q.duration(step.p99_s)),
            Cell("" if step.power_nameplate_w is None else q.power(step.power_nameplate_w)),
            Cell(
                step.answer if step.cost_usd_per_h is not None else f"{step.status}: {step.answer}"
            ),
        )
        for step in steps
    )
    blocks = (Table(columns, rows), Paragraph(flips_text(steps)), Paragraph(basis(steps)))
    return Section("what-if", f"What if {path} were", blocks)


def flips_text(steps: Sequence[Step]) -> str:
    """Between which values the answer flips; a value that failed has no answer to flip from."""
    answered = [step for step in steps if step.status != "failed"]
    flips = [(one, two) for one, two in pairwise(answered) if two.flips]
    if not flips:
        return "The answer does not flip."
    where = ", ".join(f"between {one.value} and {two.value}" for one, two in flips)
    today = next((s.value for pair in flips for s in pair if TODAY.fullmatch(s.value)), None)
    is_today = "" if today is None else f" ({today} is today's value)"
    return (
        f"The answer flips {where}{is_today}. > marks the value from which on it has other "
        "accelerators, providers or layouts than at the one before."
    )


def _over(step: Step) -> str:
    return "" if step.cost_over_horizon_usd is None else q.dollars(step.cost_over_horizon_usd)


def basis(steps: Sequence[Step]) -> str:
    """What rates and p99 of the steps rest on, in words."""
    known = list(dict.fromkeys(step.rates for step in steps if step.rates))
    if not known:
        return "No step has a plan."
    if known == ["simulated"]:
        return "Rates and p99 are simulated."
    if len(known) == 1:
        return f"Rates are {known[0]}; p99 is by closed forms. Nothing is simulated."
    each = ", ".join(f"{step.value} {step.rates}" for step in steps if step.rates)
    return (
        f"Rates (p99 likewise): {each}. Simulated plans are cheaper than safe closed forms make "
        "them: compare these steps without --fast."
    )


def sweep_csv(steps: Sequence[Step]) -> str:
    """The steps as CSV, one row per value; figures with all digits that mean anything."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Step)], lineterminator="\n")
    writer.writeheader()
    for step in steps:
        writer.writerow({name: _figure(value) for name, value in asdict(step).items()})
    return text.getvalue()


def _figure(value: object) -> object:
    """9.44, where the sum is 9.440000000000001."""
    return f"{value:.10g}" if isinstance(value, float) else value
