"""Columns that stand for their copies in zones that sell the same, and how to divide them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommender.solvers.front_search.points import Integers

if TYPE_CHECKING:
    from recommender.solvers.front_search.zones import Families


@dataclass(frozen=True, slots=True)
class AlikeZones:
    """Columns that stand for their copies in zones that sell the same (see zones).

    Attributes
    ----------
    family
        Of each column of the problem.
    rate
        Of each column.
    zones
        Of each family.
    demand
        What any zone lost must leave; 0 where no zone is lost.
    least_used
        Zones that are used at least.
    """

    family: tuple[int, ...]
    rate: tuple[int, ...]
    zones: tuple[int, ...]
    demand: int
    least_used: int


NO_ZONES = AlikeZones((), (), (), 0, 0)


def divisible(zones: AlikeZones, x: Sequence[int]) -> bool:
    """Whether groups of each column are known to fit the zones."""
    from recommender.solvers.front_search.zones import FITS, hold

    order = range(len(x))
    return hold(np.array(x, np.int64), len(x) - 1, families(zones, order)) == FITS


def families(zones: AlikeZones, order: Sequence[int]) -> "Families":
    """As arrays, for columns in a new order."""
    from recommender.solvers.front_search.zones import Families

    family, rate = (
        np.array([each[j] for j in order] if each else [], np.int64)
        for each in (zones.family, zones.rate)
    )
    return Families(
        family,
        np.array(zones.zones, np.int64),
        rate,
        np.array((zones.demand, zones.least_used), np.int64),
    )


def divided(zones: AlikeZones, x: Sequence[int]) -> list[tuple[int, ...]] | None:
    """Per column its groups in each zone of its family; None where that is not known to fit."""
    from recommender.solvers.front_search.zones import FITS, divide

    if not divisible(zones, x):
        return None
    total = sum(n * q for n, q in zip(x, zones.rate, strict=True))
    size = total - zones.demand if zones.demand else total
    parts: list[tuple[int, ...]] = [()] * len(x)
    for f, bins in enumerate(zones.zones):
        members = [j for j, n in enumerate(x) if n and zones.family[j] == f]
        members.sort(key=lambda j: -zones.rate[j])
        if not members:
            continue
        plan = np.zeros((bins, len(members)), np.int64)
        rate = np.array([zones.rate[j] for j in members], np.int64)
        counts = np.array([x[j] for j in members], np.int64)
        if divide(plan, np.zeros(bins, np.int64), rate, counts, size) != FITS:
            return None
        for k, j in enumerate(members):
            parts[j] = tuple(int(n) for n in _none_empty(plan)[:, k])
    return parts


def _none_empty(plan: Integers) -> Integers:
    """The same plan with a group in each zone, while one has several: it fits there as well."""
    for b in np.flatnonzero(plan.sum(axis=1) == 0):
        largest = int(plan.sum(axis=1).argmax())
        if plan[largest].sum() > 1:
            k = int(np.flatnonzero(plan[largest])[0])
            plan[largest, k] -= 1
            plan[b, k] += 1
    return plan
