"""Exact fronts of mixed plans, with the proof of each point: cost x p99, or two of the program's.

    cost,p99       least cost at each level of a grid of p99 levels (bisection, see level_front)
    cost,power ..  epsilon-constraint over integers (see mixed_front)

Rates are closed forms at their 95 % lower factor, so that every point holds and all are compared
alike. The front is exact for these rates (and for the grid of levels); one that ran out of time
says so and how far it is complete.
"""

from dataclasses import dataclass, replace
from time import perf_counter

from recommender.assembly.assemble import assemble
from recommender.decision.decision import Purchase
from recommender.decision.latency_objective import latency_levels
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.errors import SpecError
from recommender.explanation.purchase_text import purchase_text
from recommender.formulation.level_front import level_front
from recommender.formulation.mixed_front import Axis, MixedFront, mixed_front
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.plan import FrontPoint
from recommender.progress import Progress
from recommender.request.spec import Spec
from recommender.request.spec_file import make_spec
from recommender.solvers.outcome import Status
from recommender.solvers.prove import is_proven, proof_text

AXES: tuple[Axis, ...] = ("cost", "power", "accelerators", "nodes", "carbon")
FIRST_SLICE_S = 5.0
"""Progress is shown after so much time; twice that after a slice without a point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontOfMixed:
    """Points by rising cost (or first axis), their proofs, and what is known of the rest."""

    axes: tuple[str, str]
    points: tuple[FrontPoint, ...]
    proofs: tuple[str, ...]
    complete: bool
    extent: str
    """How far the front is complete, in words."""


def axes_of(text: str) -> tuple[str, str]:
    """`cost,p99` or two different axes of the program."""
    names = tuple(part.strip().lower() for part in text.split(","))
    if names == ("cost", "p99"):
        return names
    if len(names) != 2 or names[0] == names[1] or not all(name in AXES for name in names):
        raise SpecError(
            f"--mixed {text!r} must be cost,p99 or two of {', '.join(AXES)}, as in cost,power"
        )
    return names[0], names[1]


def front_of_mixed(
    spec: Spec, axes: tuple[str, str], *, step: int = 1, progress: Progress
) -> FrontOfMixed:
    """The front within the spec's time limit.

    Parameters
    ----------
    step
        Least step on the second axis [W, count, g/h, 1e-4 $/h]; 1 is exact.
    """
    raw = spec.model_dump(mode="json", exclude_none=True, exclude_unset=True) | {"fast": True}
    if spec.disaggregate != "never":
        raise SpecError("a front compares plans whose replicas do both; leave --disaggregate out")
    raw["minimize"] = "cost" if axes[1] == "p99" else ",".join(axes)
    progress.phase("sizing and rates")
    study = study_of(make_spec(raw))
    if axes[1] == "p99":
        return _over_levels(study, progress)
    return _over_objectives(study, axes, step, progress)


def _over_objectives(
    study: Study, axes: tuple[str, str], step: int, progress: Progress
) -> FrontOfMixed:
    first, second = (axis for name in axes for axis in AXES if axis == name)
    problem = study.question.about(study.decider.groups(study.enumeration.market, study.question))
    deadline = perf_counter() + study.request.spec.time_limit
    front: MixedFront | None = None
    seconds = FIRST_SLICE_S
    while front is None or not (front.complete or perf_counter() > deadline):
        known = 0 if front is None else len(front.points)
        progress.phase(f"{known} points of the front so far")
        left = max(0.01, min(seconds, deadline - perf_counter()))
        try:
            front = mixed_front(
                problem,
                first=first,
                second=second,
                resolution=step,
                time_limit_s=left,
                resume=front,
            )
        except KeyboardInterrupt:
            if front is None:
                raise
            break  # what is known is kept, and says how far it is complete
        if len(front.points) == known:
            seconds *= 2
    solutions = [point.solution for point in front.points]
    return FrontOfMixed(
        axes=axes,
        points=tuple(_point(study, solution) for solution in solutions),
        proofs=tuple(proof_text(solution.outcome) for solution in solutions),
        complete=front.complete,
        extent=_extent(front, second),
    )


def _extent(front: MixedFront, second: Axis) -> str:
    exact = "" if front.resolution == 1 else f" at a step of {front.resolution}"
    if front.complete:
        return f"complete{exact}" + ("" if front.proven else ", by one solver")
    if front.complete_above is None:
        return "time was up before the first point"
    unit = {"cost": "x 1e-4 $/h", "power": "W", "carbon": "g CO2e/h"}.get(second, second)
    reached = f"complete{exact} only for {second} above {front.complete_above:,} {unit}"
    return f"time was up: {reached}; whatever is missing comes after the last point"


def _over_levels(study: Study, progress: Progress) -> FrontOfMixed:
    """The cheapest plan at each level of p99; `p99_s` of a point is the level it promises."""
    request = study.request
    deadline = perf_counter() + request.spec.time_limit
    levels = latency_levels(request, study.enumeration)
    studies: dict[float, Study] = {}
    solved: dict[float, Solution] = {}

    def question_at(level_s: float) -> SingleService:
        slo = request.slo.with_limit(0, level_s)
        at = study.with_rates(Rates(study.table.law, request.workload, slo, Trust.SAFE))
        studies[level_s] = replace(at, request=replace(request, slo=slo))
        progress.phase(f"cheapest plan at p99 <= {level_s * 1e3:.3g} ms")
        groups = at.decider.groups(study.enumeration.market, study.question)
        return replace(study.question.about(groups), objectives=("cost",))

    def solve(problem: SingleService) -> Solution:
        seconds = max(0.01, deadline - perf_counter())
        solution = solve_single_service(problem, time_limit_s=seconds)
        solved[list(studies)[-1]] = solution
        return solution

    extent = f"complete for a grid of {len(levels)} levels"
    try:
        level_front(question_at, levels, solve=solve)
        complete = True
    except ValueError as error:
        complete, extent = False, f"incomplete: {error}"
    best = _falling(solved)
    return FrontOfMixed(
        axes=("cost", "p99"),
        points=tuple(_point(studies[level], s, promised_s=level) for level, s in best),
        proofs=tuple(proof_text(s.outcome) for _, s in best),
        complete=complete,
        extent=extent + ("" if all(is_proven(s.outcome) for _, s in best) else ", by one solver"),
    )


def _falling(solved: dict[float, Solution]) -> list[tuple[float, Solution]]:
    """Levels at which the least cost falls, dearest (and fastest) first."""
    found: list[tuple[float, Solution]] = []
    for level in sorted(solved):
        outcome = solved[level].outcome
        best = found[-1][1].outcome.objective if found else None
        cost = outcome.objective
        if outcome.status is Status.OPTIMAL and cost is not None and (best is None or cost < best):
            found.append((level, solved[level]))
    return found[::-1]


def _point(study: Study, solution: Solution, *, promised_s: float | None = None) -> FrontPoint:
    purchase: Purchase = tuple(
        (solution.groups[name], count) for name, count in solution.counts.items()
    )
    totals = assemble(study.request, study.table, study.rates, purchase, simulate=False).totals
    return FrontPoint(
        cost_usd_per_h=totals.cost_usd_per_h,
        p99_s=totals.p99_s if promised_s is None else promised_s,
        power_w=totals.power_nameplate_w,
        quality_loss_pct=totals.quality_loss_pct,
        chosen=False,
        plan=purchase_text(study, purchase),
        nodes=totals.nodes,
        accelerators=totals.accelerators,
    )
