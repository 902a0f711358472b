r"""Exact front of plans with prefill and decode pools over two sums, such as cost and power.

    point 1    min f1, then f2, over all splits of the budget, formats and sites (search)
    point k    the same among pools with  f2 <= f2(k-1) - step
    until      no pools are left: f2 falls strictly, so no plan of the grid is beaten by no point

Every point is the optimum of a whole search, so the front is exact for the grid of splits and for
its rates: closed forms at their 95 % lower factor, as for the front of plans without pools. p99 is
the bound of the split, the sum of its parts; nothing is simulated.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from recommender.decision.question import Question
from recommender.decision.study import Study
from recommender.disaggregation.pools_of import OBJECTIVES, TwoPools, two_pools, why_not
from recommender.disaggregation.pools_plan import assemble_pools
from recommender.disaggregation.pools_text import pools_text
from recommender.disaggregation.search import Candidate, Search
from recommender.errors import SpecError
from recommender.formulation.front_boxes import Axis
from recommender.formulation.solve_pools import PoolsSolution
from recommender.fronts.front_axes import UNITS, Axes
from recommender.plan import FrontPoint
from recommender.progress import Progress
from recommender.solvers.prove import proof_text

LIMIT = {
    "cost": "budget_usd_per_h",
    "power": "power_w",
    "accelerators": "max_accelerators",
    "nodes": "max_nodes",
}
"""Axis -> the limit of the question on it."""
_HALF_UNIT = 0.5
"""Limits are rounded down to canonical units: a half stands above the errors of floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolsFront:
    """Points by rising first axis; `complete` unless time was up or Ctrl-C ended it."""

    points: tuple[FrontPoint, ...]
    values: tuple[tuple[float, ...], ...]
    proofs: tuple[str, ...]
    complete: bool
    extent: str


def check_axes(axes: Axes) -> tuple[Axis, Axis]:
    """The two axes, or SpecError."""
    if axes.levelled or len(axes.sums) != 2 or not set(axes.sums) <= set(OBJECTIVES):
        raise SpecError(
            f"--mixed {','.join(axes.names)} with pools: a front of pools has two axes of "
            f"{', '.join(OBJECTIVES)}; p99 and quality would need a search for every level"
        )
    return axes.sums[0], axes.sums[1]


def front_of_pools(study: Study, axes: Axes, *, step: int, progress: Progress) -> PoolsFront:
    """The front within the spec's time limit; SpecError where pools cannot be had."""
    _, second = check_axes(axes)
    refused = why_not(study.request, study.question)
    if refused:
        raise SpecError(f"--disaggregate only: {refused}")
    pools = two_pools(study)
    found: list[tuple[Candidate, PoolsSolution]] = []
    extent = "time was up: incomplete"
    complete = False
    try:
        for best in _points(study, pools, second, step):
            complete = best is None
            if best is None:
                break
            found.append(best)
            progress.phase(f"{len(found)} points of the front of pools so far")
    except KeyboardInterrupt:
        extent = "interrupted: incomplete"
    if complete:
        exact = "" if step == 1 else f" at a step of {step}"
        extent = f"complete for the grid of splits, formats and sites{exact}"
    return PoolsFront(
        points=tuple(_point(study, pools, *best) for best in found),
        values=tuple(axes.shown(_values(solution)) for _, solution in found),
        proofs=tuple(proof_text(solution.outcome) for _, solution in found),
        complete=complete,
        extent=extent,
    )


def _points(
    study: Study, pools: TwoPools, second: Axis, step: int
) -> Iterator[tuple[Candidate, PoolsSolution] | None]:
    """The points, the cheapest first; None after the last one, and nothing when time was up."""
    question: Question = study.question
    while not study.deadline.is_over:
        found = Search(study, pools, question).best()
        if not found.decided:
            return
        yield found.best
        if found.best is None:
            return
        most = (_values(found.best[1])[1] - step + _HALF_UNIT) / UNITS[second]
        if most <= 0:
            yield None
            return
        changes: dict[str, float | int] = {LIMIT[second]: _of_kind(second, most)}
        question = replace(question, **changes)  # type: ignore[arg-type]


def _of_kind(axis: Axis, most: float) -> float | int:
    return int(most) if axis in ("accelerators", "nodes") else most


def _values(solution: PoolsSolution) -> tuple[int, ...]:
    """Both objectives in canonical units."""
    return tuple(round(value) for value in solution.objectives[:2])


def _point(
    study: Study, pools: TwoPools, candidate: Candidate, solution: PoolsSolution
) -> FrontPoint:
    parts = assemble_pools(
        study, pools, candidate, solution, simulate=False, without_pools=None
    ).parts
    totals = parts.totals
    return FrontPoint(
        cost_usd_per_h=totals.cost_usd_per_h,
        p99_s=totals.p99_s,
        power_w=totals.power_nameplate_w,
        quality_loss_pct=totals.quality_loss_pct,
        chosen=False,
        plan=pools_text(parts.deployments),
        nodes=totals.nodes,
        accelerators=totals.accelerators,
        cost_over_horizon_usd=totals.cost_over_horizon_usd,
    )
