"""p99 of the first target with something lost: k groups, any one zone, seller, type or rack.

Every replica that is left runs at the same share of its rate, u = Q / (capacity left), so each kind
is slowest in the case that leaves it with the least capacity.
"""

from collections.abc import Iterator, Sequence
from math import isfinite

from recommender.assembly.latency_at import first_target_s
from recommender.decision.rates import Rates
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.classes import class_of
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.worst_rack import lost_racks
from recommender.request.request import Request


def degraded_p99_s(
    request: Request,
    table: ReplicaTable,
    rates: Rates,
    purchase: Sequence[tuple[FailureGroup, int]],
    *,
    simulate: bool,
) -> float | None:
    """Largest p99 over what the plan survives [s]; None where it promises to survive nothing."""
    least: dict[int, float] = {}
    for left in _cases(request, purchase):
        capacity = sum(group.requests_per_s for group in left)
        for group in left:
            for key in group.replicas:
                least[int(key)] = min(least.get(int(key), capacity), capacity)
    slowest = max(
        (
            first_target_s(
                table.law.take(at),
                request.workload,
                request.slo,
                float(rates.rate[at]) * request.spec.qps / capacity,
                simulate=simulate,
            )
            for at, capacity in least.items()
        ),
        default=None,
    )
    return slowest if slowest is not None and isfinite(slowest) else None


def _cases(
    request: Request, purchase: Sequence[tuple[FailureGroup, int]]
) -> Iterator[list[FailureGroup]]:
    """What is left in each case that the plan survives."""
    groups = sorted(
        (group for group, count in purchase for _ in range(count)),
        key=lambda group: group.requests_per_s,
    )
    if request.spec.failures:
        yield groups[: max(len(groups) - request.spec.failures, 0)]
    for name in request.spec.survived:
        for lost in sorted({class_of(group, name) for group in groups}):
            yield [group for group in groups if class_of(group, name) != lost]
    if request.spec.survives_rack:
        for lost_groups in lost_racks(purchase).values():
            left = list(groups)
            for group in lost_groups:
                left.remove(group)
            yield left
