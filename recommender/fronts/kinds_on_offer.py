"""The kinds of failure group that a front of single-deployment plans is made of, in arrays."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.decision.single import UNLIMITED
from recommender.decision.study import Study
from recommender.fronts.dominance import nondominated
from recommender.fronts.front import Kinds
from recommender.fronts.front_limits import (
    fewest_for_racks,
    limits_kinds,
    looks_at_offers,
    most_groups,
)
from recommender.program.canonical import RateUnit


def kinds_on_offer(study: Study) -> Kinds:
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
