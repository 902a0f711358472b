"""The front of a plan: single-deployment plans on closed forms, printed ones simulated.

The chosen plan is always a point. After simulation the points are compared again, since a
simulated p99 can differ from the closed form that put the point there. When the time of the
decision is up, the other points stay closed forms (`simulated` says which they are).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.assembly.latency_at import first_target_s
from recommender.decision.single import UNLIMITED
from recommender.decision.study import Study
from recommender.enumeration.replica_table import ReplicaTable
from recommender.fronts.dominance import nondominated
from recommender.fronts.front import Front, Kinds, single_deployment_front
from recommender.fronts.front_limits import (
    fewest_for_racks,
    limits_kinds,
    looks_at_offers,
    most_groups,
)
from recommender.plan import Deployment, FrontPoint, Plan
from recommender.program.canonical import RateUnit
from recommender.queueing.latency import target_s
from recommender.sizing.cost import cost_over_usd
from recommender.wording import node_name

PRINTED = 12


def front_points(study: Study, plan: Plan, *, most: int | None = PRINTED) -> tuple[FrontPoint, ...]:
    """At most `most` points, the chosen plan among them; all with `most=None`."""
    if study.question.places_matter:  # no plan of one kind in one place meets the request
        return _merge_chosen((), plan, study)
    kinds = _kinds(study)
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


def _kinds(study: Study) -> Kinds:
    """Every replica kind on every offer that no other offer of the same node undercuts."""
    table, market = study.table, study.enumeration.market
    rate = study.rates.rate
    best = _undercut_free(study)
    rows = [
        (position, offer)
        for kind, offers in best.items()
        for position in table.of_hardware(kind)
        if rate[position] > 0
        for offer in offers
    ]
    positions = np.asarray([position for position, _ in rows], dtype=np.intp)
    offers = np.asarray([offer for _, offer in rows], dtype=np.intp)
    replicas = np.asarray([table.replicas_per_group(int(p)) for p in positions], dtype=np.float64)
    nodes = table.nodes[positions].astype(np.float64)
    sold = market.offers
    stock = [UNLIMITED if sold[o].stock is None else int(sold[o].stock or 0) for o in offers]
    return Kinds(
        replica_kind=positions,
        offer=offers,
        capacity=_canonical(study, replicas * rate[positions]),
        usd_per_h=nodes * np.asarray([sold[o].usd_per_h for o in offers]),
        nameplate_w=nodes * np.asarray([sold[o].nameplate_power_w for o in offers]),
        quality_loss_pct=table.shortfall_pct[positions],
        most_groups=_most_groups(study, rows, stock),
        least_groups=_least_groups(study, rows),
    )


def _least_groups(study: Study, rows: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64] | None:
    """Fewest groups of each (kind, offer) that the loss of a rack leaves enough of."""
    if not study.question.survive_rack:
        return None
    sold = study.enumeration.market.offers
    fewest = [fewest_for_racks(study, int(position), sold[offer]) for position, offer in rows]
    return np.asarray(fewest, dtype=np.int64)


def _most_groups(
    study: Study, rows: Sequence[tuple[int, int]], stock: Sequence[int]
) -> npt.NDArray[np.int64]:
    """Most groups of each (kind, offer) that stock and the limits of the question allow."""
    table, sold = study.table, study.enumeration.market.offers
    most = [
        available // int(table.nodes[position])
        for (position, _), available in zip(rows, stock, strict=True)
    ]
    if limits_kinds(study.question):
        most = [
            min(count, most_groups(study, int(position), sold[offer]))
            for count, (position, offer) in zip(most, rows, strict=True)
        ]
    return np.asarray(most, dtype=np.int64)


def _canonical(study: Study, capacity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Capacities rounded down as in the program, so that both see the same plans."""
    unit = RateUnit(study.question.demand_per_s)
    return np.asarray([unit.per_s(unit.units(rate)) for rate in capacity.tolist()])


def _undercut_free(study: Study) -> dict[int, list[int]]:
    """Kind of node -> offers of which none is cheaper, thriftier and in larger stock."""
    market = study.enumeration.market
    by_kind: dict[int, list[int]] = {}
    for index, kinds in enumerate(market.kinds_of_offer):
        for kind in kinds:
            by_kind.setdefault(kind, []).append(index)
    if looks_at_offers(study.question):
        return by_kind
    kept = {}
    for kind, offers in by_kind.items():
        sold = [market.offers[o] for o in offers]
        axes = np.asarray(
            [
                (o.usd_per_h, o.nameplate_power_w, -(UNLIMITED if o.stock is None else o.stock))
                for o in sold
            ]
        )
        kept[kind] = [offers[int(i)] for i in nondominated(axes)]
    return kept


def _latency(study: Study, kinds: Kinds):  # type: ignore[no-untyped-def]
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
        plan=f"{nodes} x {node_name(offer)} ({table.describe_layout(position)})",
        nodes=nodes,
        accelerators=nodes * offer.node_accelerators,
        simulated=simulate,
        quality=table.quality_at(position),
        cost_over_horizon_usd=cost_over_usd(usd_per_h=usd_per_h, hours=study.request.spec.horizon),
    )


def short_of_best_pct(table: ReplicaTable, deployments: Sequence[Deployment]) -> float:
    """What the worst deployment is short of the best model; of one model its quality loss [%]."""
    known = [d.quality for d in deployments if d.quality is not None]
    if table.models and known:
        return table.short_pct(min(known))
    return max(d.quality_loss_pct for d in deployments)


def _merge_chosen(points: Sequence[FrontPoint], plan: Plan, study: Study) -> tuple[FrontPoint, ...]:
    """The chosen plan first in its place, and only points that no other beats.

    Prices are rounded up to 1e-4 $/h in the program, so among offers that differ by less the chosen
    one is any of them: the chosen plan counts for one such unit a node less.
    """
    totals, offers = plan.totals, study.request.catalog.offers
    if totals is None:
        return tuple(points)
    chosen = FrontPoint(
        cost_usd_per_h=totals.cost_usd_per_h,
        p99_s=totals.p99_s,
        power_w=totals.power_nameplate_w,
        quality_loss_pct=short_of_best_pct(study.table, plan.deployments),
        chosen=True,
        plan="; ".join(f"{n.nodes} x {node_name(offers[n.offer])}" for n in plan.nodes),
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
                round(p.p99_s * 1e6),
                round(p.power_w),
                round(p.quality_loss_pct * 1e3),
            )
            for p in everything
        ],
        dtype=np.int64,
    )
    kept = {0, *(int(i) for i in nondominated(axes))}
    return tuple(sorted((everything[i] for i in kept), key=lambda p: (p.cost_usd_per_h, p.p99_s)))
