r"""What the points of a front of mixed plans cost, draw and promise, all at once.

    share of the rate    replica of kind c carries  rate[c] * Q / sum over replicas of rate
    p99                  largest over the kinds of a plan: simulated where rates are, for the first
                         MOST_RUNS pairs of a kind and a rate while the time lasts, else closed form

The same plan in full, with latencies of every metric and after losses, is what `assemble` makes of
it; a test compares both.
"""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from recommender.assembly.latency_at import first_target_s
from recommender.decision.study import Study
from recommender.explanation.purchase_text import purchase_text
from recommender.formulation.failure_group import FailureGroup
from recommender.fronts.certified import Point
from recommender.plan import FrontPoint
from recommender.queueing.latency import target_s
from recommender.sizing.cost import cost_over_usd

MOST_RUNS = 120
"""Simulations of p99 for one front: a few seconds."""
Carried = dict[int, tuple[int, float]]
"""Replica kind -> (replicas, rate of each) at the demand."""


def front_points_of(
    study: Study, points: Sequence[Point], *, simulate: bool = False
) -> list[FrontPoint]:
    """One per point; all of them rest on the rates of the study."""
    carried = [_carried(study, point) for point in points]
    runs = _simulated_p99_s(study, carried) if simulate and study.simulates else {}
    closed_s = iter(_p99_s(study, carried))
    found = []
    for point, kinds in zip(points, carried, strict=True):
        p99_s = max(next(closed_s) for _ in kinds)
        pairs = _pairs(kinds)
        simulated = all(pair in runs for pair in pairs)
        if simulated:
            p99_s = max(runs[pair] for pair in pairs)
        found.append(_front_point(study, point, kinds, p99_s, simulated=simulated))
    return found


def _bought(point: Point) -> list[tuple[FailureGroup, int]]:
    groups = point.solution.groups
    return [(groups[name], count) for name, count in point.solution.counts.items()]


def _carried(study: Study, point: Point) -> Carried:
    """What each kind of a point carries."""
    replicas: dict[int, int] = {}
    for group, count in _bought(point):
        for key, per_group in group.replicas.items():
            replicas[int(key)] = replicas.get(int(key), 0) + count * per_group
    rate = study.rates.rate
    capacity = sum(n * float(rate[at]) for at, n in replicas.items())
    used = study.request.spec.qps / capacity
    return {at: (n, float(rate[at]) * used) for at, n in replicas.items()}


def _p99_s(study: Study, carried: Sequence[Carried]) -> list[float]:
    """Of every kind of every point, in turn."""
    positions = np.array([at for kinds in carried for at in kinds], np.intp)
    rates = np.array([rate for kinds in carried for _, rate in kinds.values()], np.float64)
    if not len(positions):
        return []
    request = study.request
    laws = study.table.law.take(positions)
    return [float(t) for t in target_s(laws, request.workload, request.slo.primary, rates)]


def _pairs(kinds: Carried) -> list[tuple[int, float]]:
    return [(at, rate) for at, (_, rate) in kinds.items()]


def _simulated_p99_s(study: Study, carried: Sequence[Carried]) -> dict[tuple[int, float], float]:
    """(kind, rate) -> simulated percentile of the first target, as far as the time goes [s]."""
    request, runs = study.request, dict[tuple[int, float], float]()
    with suppress(KeyboardInterrupt):  # the points stand, with closed forms
        for at, rate in dict.fromkeys(pair for kinds in carried for pair in _pairs(kinds)):
            if study.deadline.is_over or len(runs) == MOST_RUNS:
                break
            law = study.table.law.take(at)
            runs[at, rate] = first_target_s(law, request.workload, request.slo, rate, simulate=True)
    return runs


def _front_point(
    study: Study, point: Point, kinds: Carried, p99_s: float, *, simulated: bool
) -> FrontPoint:
    table, bought = study.table, _bought(point)
    shares = {at: n * rate / study.request.spec.qps for at, (n, rate) in kinds.items()}
    known = {at: table.quality_at(at) for at in kinds}
    qualities = [q * shares[at] for at, q in known.items() if q is not None]
    usd_per_h = sum(g.usd_per_h * n for g, n in bought)
    return FrontPoint(
        cost_usd_per_h=usd_per_h,
        p99_s=p99_s,
        power_w=sum(g.nameplate_w * n for g, n in bought),
        quality_loss_pct=max(float(table.shortfall_pct[at]) for at in kinds),
        chosen=False,
        plan=purchase_text(study, tuple(bought)),
        nodes=sum(g.nodes * n for g, n in bought),
        accelerators=sum(g.accelerators * n for g, n in bought),
        simulated=simulated,
        quality=sum(qualities) if len(qualities) == len(kinds) else None,
        cost_over_horizon_usd=cost_over_usd(usd_per_h=usd_per_h, hours=study.request.spec.horizon),
    )
