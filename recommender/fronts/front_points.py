"""The front of a plan: single-deployment plans on closed forms, printed ones simulated.

The chosen plan is always a point. After simulation the points are compared again, since a
simulated p99 can differ from the closed form that put the point there. When the time of the
decision is up, the other points stay closed forms (`simulated` says which they are).

A simulated p99 is known to its spread. A point that is no better than the chosen plan but for a p99
within that spread has not been shown to be faster, and is no point of its own.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.assembly.latency_at import first_target_s
from recommender.decision.study import Study
from recommender.enumeration.replica_table import ReplicaTable
from recommender.fronts.dominance import nondominated
from recommender.fronts.front import Front, Kinds, Latency, single_deployment_front
from recommender.fronts.kinds_on_offer import kinds_on_offer
from recommender.plan import Deployment, FrontPoint, Plan
from recommender.queueing.latency import target_s
from recommender.sizing.cost import cost_over_usd
from recommender.wording import node_name

PRINTED = 12
LEAST_SPREAD = 0.02
"""Of a simulated p99: less than this tells no plans apart, as the times of steps are no surer."""


def front_points(study: Study, plan: Plan, *, most: int | None = PRINTED) -> tuple[FrontPoint, ...]:
    """At most `most` points, the chosen plan among them; all with `most=None`."""
    if study.question.places_matter:  # no plan of one kind in one place meets the request
        return _merge_chosen((), plan, study)
    kinds = kinds_on_offer(study)
    front = single_deployment_front(
        kinds,
        _latency(study, kinds),
        demand=study.question.demand_per_s,
        headroom=study.question.headroom,
        losses=study.question.failures,
        limits=_limits(study),
    )
    rows = _spread(front, most)
    points = [_point(study, kinds, front, int(row)) for row in rows]
    return _merge_chosen(points, plan, study)


def _latency(study: Study, kinds: Kinds) -> Latency:
    """p99 of the first target per (kind, rate per group); inf where another target breaks."""
    table, request = study.table, study.request
    replicas = np.asarray(
        [table.replicas_per_group(int(p)) for p in kinds.replica_kind], dtype=np.float64
    )

    def p99_s(
        kind: npt.NDArray[np.intp], requests_per_s: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        law = table.law.take(kinds.replica_kind[kind])
        rate = requests_per_s / replicas[kind]
        first = request.slo.primary
        time = target_s(law, request.workload, first, rate)
        if first in request.slo.together:  # goodput may be met with this percentile beyond
            return time
        return np.where(time <= first.limit_s, time, np.inf)

    return p99_s


def _limits(study: Study) -> list[tuple[str, float]]:
    stated = (("usd_per_h", study.question.budget_usd_per_h), ("power_w", study.question.power_w))
    return [(axis, most) for axis, most in stated if most is not None]


def _spread(front: Front, most: int | None) -> npt.NDArray[np.intp]:
    """Evenly spread rows of the front by cost rank, both ends included."""
    count = len(front.kind)
    if most is None or count <= most:
        return np.arange(count, dtype=np.intp)
    return np.unique(np.rint(np.linspace(0, count - 1, most)).astype(np.intp))


def _point(study: Study, kinds: Kinds, front: Front, row: int) -> FrontPoint:
    kind, groups = int(front.kind[row]), int(front.groups[row])
    position = int(kinds.replica_kind[kind])
    offer = study.enumeration.market.offers[int(kinds.offer[kind])]
    table, simulate = study.table, study.simulates and not study.deadline.is_over
    p99_s = float(front.p99_s[row])
    if simulate:
        replicas = groups * table.replicas_per_group(position)
        p99_s = first_target_s(
            table.law.take(position),
            study.request.workload,
            study.request.slo,
            study.question.demand_per_s / replicas,
            simulate=True,
        )
    nodes = groups * int(table.nodes[position])
    usd_per_h = float(front.usd_per_h[row])
    return FrontPoint(
        cost_usd_per_h=usd_per_h,
        p99_s=p99_s,
        power_w=float(front.power_w[row]),
        quality_loss_pct=float(front.quality_loss_pct[row]),
        chosen=False,
        plan=f"{nodes:,} x {node_name(offer)} ({table.describe_layout(position)})",
        nodes=nodes,
        accelerators=nodes * offer.node_accelerators,
        simulated=simulate,
        quality=table.quality_at(position),
        cost_over_horizon_usd=cost_over_usd(usd_per_h=usd_per_h, hours=study.request.spec.horizon),
    )


def _short_of_best_pct(table: ReplicaTable, deployments: Sequence[Deployment]) -> float:
    """What the worst deployment is short of the best model; of one model its quality loss [%]."""
    known = [d.quality for d in deployments if d.quality is not None]
    if table.models and known:
        return table.short_pct(min(known))
    return max(d.quality_loss_pct for d in deployments)


def _merge_chosen(points: Sequence[FrontPoint], plan: Plan, study: Study) -> tuple[FrontPoint, ...]:
    """The chosen plan first in its place, and only points that no other beats.

    Prices are rounded up to 1e-4 $/h in the program, so among offers that differ by less the chosen
    one is any of them: the chosen plan counts for one such unit a node less. It also counts for as
    fast as the spread of its p99 leaves open; a point that only a dropped one beats goes with it,
    since the chosen plan is then as good as both.
    """
    totals, offers = plan.totals, study.request.catalog.offers
    if totals is None:
        return tuple(points)
    chosen = FrontPoint(
        cost_usd_per_h=totals.cost_usd_per_h,
        p99_s=totals.p99_s,
        power_w=totals.power_nameplate_w,
        quality_loss_pct=_short_of_best_pct(study.table, plan.deployments),
        chosen=True,
        plan="; ".join(f"{n.nodes:,} x {node_name(offers[n.offer])}" for n in plan.nodes),
        nodes=totals.nodes,
        accelerators=totals.accelerators,
        simulated=study.simulates,
        quality=totals.quality,
        cost_over_horizon_usd=totals.cost_over_horizon_usd,
    )
    everything = [chosen, *points]
    axes = np.asarray(
        [
            (
                round(p.cost_usd_per_h * 1e4) - (p.nodes if p.chosen else 0),
                round((p.p99_s - (_spread_s(plan) if p.chosen else 0.0)) * 1e6),
                round(p.power_w),
                round(p.quality_loss_pct * 1e3),
            )
            for p in everything
        ],
        dtype=np.int64,
    )
    kept = {0, *(int(i) for i in nondominated(axes))}
    return tuple(sorted((everything[i] for i in kept), key=lambda p: (p.cost_usd_per_h, p.p99_s)))


def _spread_s(plan: Plan) -> float:
    """How far the p99 of a plan may be off by the spread of its run [s]; closed forms have none.

    Pools state parts of the first target, and no spread of the whole.
    """
    assert plan.totals is not None
    p99_s = plan.totals.p99_s
    spreads_s = [
        d.targets_half_width_s[0]
        for d in plan.deployments
        if d.targets_half_width_s and not d.pool and d.targets_s[0] == p99_s
    ]
    return max(*spreads_s, LEAST_SPREAD * p99_s) if spreads_s else 0.0
