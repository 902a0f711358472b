"""The program over the day: the rows of every period, then those that reach over several.

Columns: a committed group has one, under its own name; an elastic one has one per period,
`NAME in PERIOD`; so have the switches of a period's rows. Rows: `ROW in PERIOD`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from recommender.formulation.classes import class_of
from recommender.formulation.joined_periods import joined
from recommender.formulation.limits import rates
from recommender.formulation.periods import Block, OverDay, column_of, weights_of
from recommender.formulation.periods_start_up import hand_overs, start_columns, start_prices, starts
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.sized_group import SizedGroup
from recommender.program.canonical import RATE_UNITS_PER_DEMAND, budget_units, carbon_limit_units
from recommender.program.column import Column
from recommender.program.constraints.budget import budget
from recommender.program.constraints.carbon import carbon
from recommender.program.constraints.spare_choice import spare_choice, theta_columns
from recommender.program.constraints.variety import variety, variety_columns
from recommender.program.program import Program
from recommender.program.row import Row


def program_over_day(
    question: OverDay,
    *,
    objective: Objective,
    at_peak: bool = False,
    spare: frozenset[str] = frozenset(),
    extra: Sequence[Row] = (),
) -> Program:
    """The program for one objective.

    Parameters
    ----------
    at_peak
        Its value in the busiest period instead of the sum of w[t] times its value in t.
    spare
        Names of the periods whose spare rows are asked for.
    """
    weights = weights_of(question, objective, at_peak=at_peak)
    parts = ((block, _part(question, block, objective, spare)) for block in question.busy)
    named = ((block, part, _names(question, block, part)) for block, part in parts)
    columns, rows = joined(named, weights=weights)
    if question.start_up_min:  # through a dip a group may run on: the busiest period bounds it
        columns = as_wide_as_the_peak(question, columns)
    upper = {name: columns[name].upper for name in weights if name in columns}
    more = [*start_columns(question, upper, priced=objective == "cost" and not at_peak)]
    if question.service.max_types is not None:
        more += variety_columns(types_of_day(question))
    over = [*_over_periods(question, upper), *starts(question), *hand_overs(question)]
    return Program((*columns.values(), *more), (*rows, *over, *extra))


def useful_counts(question: OverDay, block: Block) -> dict[str, int]:
    """Group name -> how many of it alone carry a period and survive its losses, or its stock."""
    names = {g.name for g in question.at(block).columns}
    part = _part(question, block, "cost", frozenset())
    return {c.name: c.upper for c in part.columns if c.name in names}


def _part(question: OverDay, block: Block, objective: Objective, spare: frozenset[str]) -> Program:
    """The program of a period alone, with its choice of theta where that is asked for."""
    service = question.at(block)
    alone = program(service, objective=objective, theta=None)
    groups = {g.name: g for g in service.columns}
    columns = [
        replace(c, upper=_enough(groups[c.name], c.upper, service)) if c.name in groups else c
        for c in alone.columns
    ]
    if block.name not in spare:
        return Program(tuple(columns), alone.rows)
    rate = rates(service.columns)
    switches = theta_columns(service.service, rate=rate)
    rows = spare_choice(
        service.service, rate=rate, demand=RATE_UNITS_PER_DEMAND, failures=service.failures
    )
    return Program((*columns, *switches), (*alone.rows, *rows))


def _enough(group: SizedGroup, alone: int, service: SingleService) -> int:
    """Groups of one kind that meet the spare row of any theta as well; within the stock."""
    if not service.failures:
        return alone
    enough = -(-RATE_UNITS_PER_DEMAND // group.rate) + service.failures
    stock = group.group.stock
    return max(alone, enough if stock is None else min(enough, stock // group.group.nodes))


def _names(question: OverDay, block: Block, part: Program) -> dict[str, str]:
    own = {g.name: column_of(g, block) for g in question.at(block).columns}
    return {c.name: own.get(c.name, f"{c.name} in {block.name}") for c in part.columns}


def as_wide_as_the_peak(question: OverDay, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Columns of a group with the same bound in every period: through a dip it may run on."""
    widest: dict[str, int] = {}
    name_of = {
        column_of(g, block): g.name for block in question.busy for g in question.at(block).columns
    }
    for column, name in name_of.items():
        widest[name] = max(widest.get(name, 0), columns[column].upper)
    return {
        name: replace(c, upper=widest[name_of[name]]) if name in name_of else c
        for name, c in columns.items()
    }


def _over_periods(question: OverDay, upper: Mapping[str, int]) -> Iterator[Row]:
    """Limits of the mean, and types of the whole day."""
    service = question.service
    if service.budget_usd_per_h is not None:
        price = weights_of(question, "cost", at_peak=False) | start_prices(question)
        limit = budget_units(usd_per_h=service.budget_usd_per_h) * question.day
        yield budget(price=price, limit=limit)
    if service.carbon_g_per_h is not None:
        limit = carbon_limit_units(grams=service.carbon_g_per_h) * question.day
        yield carbon(carbon=weights_of(question, "carbon", at_peak=False), limit=limit)
    if service.max_types is not None:
        yield from variety(types=types_of_day(question), upper=upper, limit=service.max_types)


def types_of_day(question: OverDay) -> dict[str, str]:
    """Column -> accelerator type, over all periods."""
    return {
        column_of(g, block): class_of(g.group, "accelerator")
        for block in question.busy
        for g in question.at(block).columns
    }
