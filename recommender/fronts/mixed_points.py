r"""What the points of a front of mixed plans cost, draw and promise, all at once.

    share of the rate    replica of kind c carries  rate[c] * Q / sum over replicas of rate
    p99                  largest over the kinds of a plan, closed form, one call per study

The same plan in full, with latencies of every metric and after losses, is what `assemble` makes of
it; a test compares both.
"""

from collections.abc import Sequence

import numpy as np

from recommender.decision.study import Study
from recommender.explanation.purchase_text import purchase_text
from recommender.formulation.failure_group import FailureGroup
from recommender.fronts.certified import Point
from recommender.plan import FrontPoint
from recommender.queueing.latency import target_s
from recommender.sizing.cost import cost_over_usd


def front_points_of(study: Study, points: Sequence[Point]) -> list[FrontPoint]:
    """One per point; all of them rest on the rates of the study."""
    carried = [_carried(study, point) for point in points]
    p99_s = iter(_p99_s(study, carried))
    return [
        _front_point(study, point, kinds, max(next(p99_s) for _ in kinds))
        for point, kinds in zip(points, carried, strict=True)
    ]


def _bought(point: Point) -> list[tuple[FailureGroup, int]]:
    groups = point.solution.groups
    return [(groups[name], count) for name, count in point.solution.counts.items()]


def _carried(study: Study, point: Point) -> dict[int, tuple[int, float]]:
    """Replica kind -> (replicas, rate of each) at the demand."""
    replicas: dict[int, int] = {}
    for group, count in _bought(point):
        for key, per_group in group.replicas.items():
            replicas[int(key)] = replicas.get(int(key), 0) + count * per_group
    rate = study.rates.rate
    capacity = sum(n * float(rate[at]) for at, n in replicas.items())
    used = study.request.spec.qps / capacity
    return {at: (n, float(rate[at]) * used) for at, n in replicas.items()}


def _p99_s(study: Study, carried: Sequence[dict[int, tuple[int, float]]]) -> list[float]:
    """Of every kind of every point, in turn."""
    positions = np.array([at for kinds in carried for at in kinds], np.intp)
    rates = np.array([rate for kinds in carried for _, rate in kinds.values()], np.float64)
    if not len(positions):
        return []
    request = study.request
    laws = study.table.law.take(positions)
    return [float(t) for t in target_s(laws, request.workload, request.slo.primary, rates)]


def _front_point(
    study: Study, point: Point, kinds: dict[int, tuple[int, float]], p99_s: float
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
        quality=sum(qualities) if len(qualities) == len(kinds) else None,
        cost_over_horizon_usd=cost_over_usd(usd_per_h=usd_per_h, hours=study.request.spec.horizon),
    )
