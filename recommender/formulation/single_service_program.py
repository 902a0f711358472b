r"""The program of a single service for one theta: its columns with their bounds, and all its rows.

Bounds. Where all rows cover or pack, more of one group than meets every cover alone is waste, so
that is its bound. Rows that compare rates (share, quality) may need more; there the bound is
MOST_WASTE times as much as meets every cover of every theta alone, and as outweighs one group of
any other kind in each of these rows; the optimum is the optimum among such plans:

    outweighs[p] = max over rows  sum a[q] n[q] <= 0  with a[p] < 0  of   max_q a[q] / -a[p]

One node of 20/s against a demand of 1/s, at most half from its seller: 7 nodes of 3/s beside it,
where one covers the demand.
"""

from collections.abc import Iterator, Mapping, Sequence

from recommender.formulation.classes import classes
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.limits import class_losses, limit_columns, limits, rates, stocks
from recommender.formulation.rack_losses import enough_for_racks, rack_losses, rack_switches
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.sized_group import SizedGroup
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.column import Column
from recommender.program.constraints.demand import demand
from recommender.program.constraints.one_model import model_columns, one_model
from recommender.program.constraints.spare import own_theta, spare
from recommender.program.constraints.variety import variety, variety_columns
from recommender.program.program import Program
from recommender.program.row import Row

MOST_WASTE = 4
MOST_OUTWEIGHED = 1000
"""A group that a row counts for less than this part of another one is not bought against it."""


def program(
    question: SingleService,
    *,
    objective: Objective,
    theta: int | None,
    extra: Sequence[Row] = (),
) -> Program:
    """The program for one theta [rate units]; without spare row when it is None."""
    groups = question.columns
    covers = [*_covers(question, theta), *class_losses(question)]
    racked = enough_for_racks(question)
    if question.compares_rates:
        racked = _enough_to_compare(question, racked)
    upper = {g.name: _most(question, g, covers, racked.get(g.name, 0)) for g in groups}
    if theta is not None:
        covers += own_theta(
            question.service, rate=rates(groups), failures=question.failures, theta=theta
        )
        upper |= {g.name: min(upper[g.name], question.failures) for g in groups if g.rate > theta}
    cost = ATTRIBUTES[objective]
    columns = [Column(g.name, cost(g), upper[g.name]) for g in groups]
    rows = [*covers, *rack_losses(question), *stocks(groups), *limits(question)]
    columns += [*rack_switches(question), *limit_columns(question)]
    if question.max_types is not None:
        types = classes(groups, "accelerator")
        columns += variety_columns(types)
        rows += variety(types=types, upper=upper, limit=question.max_types)
    if models := question.models:
        columns += model_columns(models)
        rows += one_model(models=models, upper=upper)
    return Program(tuple(columns), (*rows, *extra))


def _covers(question: SingleService, theta: int | None) -> Iterator[Row]:
    rate = rates(question.columns)
    yield demand(question.service, rate=rate, required=question.required)
    if theta is not None:
        yield spare(
            question.service,
            rate=rate,
            demand=RATE_UNITS_PER_DEMAND,
            failures=question.failures,
            theta=theta,
        )


def _most(question: SingleService, group: SizedGroup, covers: Sequence[Row], least: int) -> int:
    """Most groups of a kind in a plan without waste: with them alone every cover is met.

    `least` meets what is no row of positive coefficients alone: the loss of a rack, rows that
    compare rates.
    """
    enough = max(
        -(-row.rhs // row.coefficients[group.name])
        for row in covers
        if group.name in row.coefficients
    )
    enough = max(enough, least)
    enough *= MOST_WASTE if question.compares_rates else 1
    stocked = group.group.stock
    return enough if stocked is None else min(enough, stocked // group.group.nodes)


def _enough_to_compare(question: SingleService, least: Mapping[str, int]) -> dict[str, int]:
    """Column -> what covers the rate whatever theta is, and outweighs one of any other kind."""
    rows = [row for row in limits(question) if row.sense == "<=" and row.rhs == 0]
    largest = [max(row.coefficients.values(), default=0) for row in rows]
    need = RATE_UNITS_PER_DEMAND + question.failures * max(question.thetas(), default=0)
    enough: dict[str, int] = {}
    for g in question.columns:
        outweighs = [
            -(-most // -row.coefficients[g.name])
            for row, most in zip(rows, largest, strict=True)
            if row.coefficients.get(g.name, 0) < 0
        ]
        most = min(max(outweighs, default=1), MOST_OUTWEIGHED)
        enough[g.name] = max(least.get(g.name, 0), -(-need // g.rate), most)
    return enough
