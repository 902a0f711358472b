"""Periods of a day as arrays: rows, limits on what runs at once, objectives that break ties."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.limits import stocks_at_once, totals_at_once
from recommender.formulation.periods import OverDay
from recommender.formulation.periods_passes import passes
from recommender.formulation.single_service import SingleService
from recommender.formulation.single_service_program import program
from recommender.program.constraints.stock import stock
from recommender.program.program import Program
from recommender.solvers.fleet_search.fleets import OUT_OF_REACH, Integers, Period

LARGEST = 2**58
LARGEST_ROW = 2**42
"""Of coefficients of a row together: a million groups of each kind stay within 64 bits."""


def period_of(service: SingleService) -> Period | None:
    """The period as arrays.

    None where a row has switches of its own or numbers too large, or none is the demand.
    """
    asked = program(service, objective="cost", theta=None)
    groups = {g.name: g for g in service.columns}
    names = tuple(c.name for c in asked.columns)
    if any(name not in groups for name in names):
        return None
    demand = [row for row in asked.rows if row.name.startswith("demand[")]
    if len(demand) != 1:
        return None
    if any(sum(map(abs, row.coefficients.values())) > LARGEST_ROW for row in asked.rows):
        return None
    matrix, least = _at_least(asked, names)
    return Period(
        names=names,
        price=np.array([groups[name].price for name in names], np.int64),
        rate=np.array([groups[name].rate for name in names], np.int64),
        upper=np.array(
            [_most(groups[name].group.stock, groups[name].group.nodes) for name in names]
        ),
        matrix=matrix,
        least=least,
        need=demand[0].rhs,
        failures=service.failures,
    )


def _most(stock: int | None, nodes: int) -> int:
    return OUT_OF_REACH if stock is None else stock // nodes


def _at_least(asked: Program, names: tuple[str, ...]) -> tuple[Integers, Integers]:
    """All rows with their smaller side on the right."""
    rows: list[list[int]] = []
    least: list[int] = []
    for row in asked.rows:
        values = [row.coefficients.get(name, 0) for name in names]
        if row.sense in (">=", "=="):
            rows.append(values)
            least.append(row.rhs)
        if row.sense in ("<=", "=="):
            rows.append([-a for a in values])
            least.append(-row.rhs)
    matrix = np.array(rows, np.int64).reshape(len(rows), len(names))
    return matrix, np.array(least, np.int64)


def changes(before: Integers, now: Integers, start: Integers, charged: Integers) -> Integers:
    """Price of starts less what `now` pays for running more, per pair; shape (before, now).

    `start` and `charged` are per kind, in price x time.
    """
    value = np.zeros((len(before), len(now)), np.int64)
    for p in np.flatnonzero(before.any(axis=0) | now.any(axis=0)):
        more = now[None, :, p] - before[:, None, p]
        value += start[p] * np.maximum(more, 0) - charged[p] * more
    return value


def too_much_at_once(
    service: SingleService, before: Integers, now: Integers
) -> npt.NDArray[np.bool_]:
    """Which pairs of fleets, shape (before, now), break a limit while the second one starts.

    What runs then is the larger number of each kind.
    """
    groups = {g.name: g for g in service.columns}
    limits = [*stocks_at_once(groups), *totals_at_once(service, groups)]
    limits += [
        stock(g.group.offer, nodes={g.name: g.group.nodes}, available=g.group.stock)
        for g in groups.values()
        if g.group.stock is not None
    ]
    wrong = np.zeros((len(before), len(now)), np.bool_)
    for row in limits:
        taken = np.zeros((len(before), len(now)), np.int64)
        for p, name in enumerate(groups):
            if row.coefficients.get(name):
                most = np.maximum(before[:, None, p], now[None, :, p])
                taken += row.coefficients[name] * most
        wrong |= taken > row.rhs
    return wrong


def ties(question: OverDay, fleets: Sequence[Integers]) -> list[Integers] | None:
    """What the objectives after the first say of each fleet, per period with demand: one number.

    Those of an earlier objective count more than all of the later ones together. None where that
    does not fit 64 bits.
    """
    total = [np.zeros(len(found), np.int64) for found in fleets]
    scale = 1
    for objective, at_peak, _ in reversed([*passes(question)][1:]):
        values = []
        for block, found in zip(question.busy, fleets, strict=True):
            time = int(block == question.peak) if at_peak else question.weight(block)
            value = found @ np.array(
                [time * ATTRIBUTES[objective](g) for g in question.at(block).columns], np.int64
            )
            values.append(value - value.min())
        total = [t + scale * value for t, value in zip(total, values, strict=True)]
        scale *= 1 + sum(int(value.max(initial=0)) for value in values)
        if scale > LARGEST:
            return None
    return total
