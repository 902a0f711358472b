"""Start-ups over the day: their columns, rows and prices (row: constraints/start_up.py).

While a period is prepared, the fleet of the one before still runs: what both take at the same time
stays within stock, power, accelerators and nodes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from recommender.formulation.limits import stocks_at_once, totals_at_once
from recommender.formulation.periods import Block, OverDay, column_of
from recommender.formulation.sized_group import SizedGroup
from recommender.program.column import Column
from recommender.program.constraints.start_up import start, start_column, started
from recommender.program.row import Row


def start_columns(question: OverDay, upper: Mapping[str, int], *, priced: bool) -> Iterator[Column]:
    """One s per elastic group and period, with the price of its start where cost is minimised."""
    price = start_prices(question) if priced else {}
    for block, g in _startable(question):
        cost = price.get(started(g.name, block.name), 0)
        most = upper[column_of(g, block)]
        yield start_column(g.name, block.name, cost=cost, upper=most)


def starts(question: OverDay) -> Iterator[Row]:
    """What runs now and did not run before is started."""
    for block, g in _startable(question):
        before = _running(question, question.before(block))
        ran = column_of(g, question.before(block))
        yield start(
            g.name,
            block.name,
            now=column_of(g, block),
            before=ran if ran in before else None,
        )


def start_prices(question: OverDay) -> dict[str, int]:
    """Column s -> what one start costs, in the unit of the mean."""
    minutes = question.start_up_min // question.unit_min
    return {started(g.name, block.name): g.price * minutes for block, g in _startable(question)}


def started_of(question: OverDay, values: Mapping[str, int]) -> dict[str, int]:
    """Columns s of a point that starts no more than it must."""
    least: dict[str, int] = {}
    for block, g in _startable(question):
        ran = values.get(column_of(g, question.before(block)), 0)
        least[started(g.name, block.name)] = max(values[column_of(g, block)] - ran, 0)
    return least


def hand_overs(*fleets: OverDay) -> Iterator[Row]:
    """Limits on what runs at once, of all fleets, while each period is prepared."""
    question = fleets[0]
    if not question.start_up_min:
        return
    for block in question.busy:
        before = question.before(block)
        if before == block or before not in question.busy:
            continue  # nothing else runs then
        both: dict[str, SizedGroup] = {}
        for fleet in fleets:
            both |= _running(fleet, before)
            both |= {started(g.name, block.name): g for b, g in _startable(fleet) if b == block}
        for row in (*stocks_at_once(both), *totals_at_once(question.service, both)):
            yield replace(row, name=f"{row.name} before {block.name}")


def _running(question: OverDay, block: Block) -> dict[str, SizedGroup]:
    """Column -> group of what may run in a period."""
    if block not in question.busy:
        return {}
    return {column_of(g, block): g for g in question.at(block).columns}


def _startable(question: OverDay) -> Iterator[tuple[Block, SizedGroup]]:
    if question.start_up_min:
        for block in question.busy:
            for g in question.at(block).columns:
                if not g.group.committed:
                    yield block, g
