"""The k best plans that differ: each buys another set of accelerator types.

They are compared on frozen rates, like runners-up (closed forms for kinds that were never
simulated), and each is optimal among the plans whose set differs from all before it.
"""

from collections.abc import Iterator

from recommender.assembly.carried_p99 import carried_p99_s
from recommender.assembly.nodes import nameplate_w, nodes_of, nodes_usd_per_h
from recommender.decision.decision import Decision, Purchase
from recommender.decision.study import Study, cost_usd_per_h
from recommender.errors import SpecError
from recommender.explanation.in_time import NOT_IN_TIME
from recommender.explanation.purchase_text import purchase_text
from recommender.formulation.different import different_plans
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.plan import RunnerUp
from recommender.relative import percent_of
from recommender.solvers.prove import DECIDED, proof_text

NOT_DECIDED = RunnerUp("other sets of accelerator types", "", None, None, None, None, NOT_IN_TIME)
NO_PROFILE = "--alternatives are plans for one rate; leave it or --profile out"


def alternatives(study: Study, won: Decision, *, most: int) -> tuple[RunnerUp, ...]:
    """At most so many plans, cheapest first; fewer where there are no more, or time is up: then
    the last one says so."""
    if most == 0:
        return ()
    if study.question.day is not None:
        raise SpecError(NO_PROFILE)
    if study.deadline.is_over:
        return (NOT_DECIDED,)
    found: list[RunnerUp] = []
    chosen = _types(won.purchase)
    undecided: list[Solution] = []
    for solution in _solutions(study, undecided):
        purchase: Purchase = tuple(
            (solution.groups[name], count) for name, count in solution.counts.items()
        )
        if _types(purchase) != chosen:
            found.append(_described(study, purchase, solution, won))
        if len(found) == most:
            return tuple(found)
    if undecided:
        found.append(NOT_DECIDED)
    return tuple(found)


def _solutions(study: Study, undecided: list[Solution]) -> Iterator[Solution]:
    """The plans by rising cost; solves that time did not suffice for go to `undecided`."""
    spec = study.request.spec
    problem = study.question.about(study.decider.groups(study.enumeration.market, study.question))

    def solve(part: SingleService) -> Solution:
        left_s = study.deadline.left_s
        found = solve_single_service(part, solver=spec.solver, time_limit_s=left_s)
        if found.outcome.status not in DECIDED:
            undecided.append(found)
        return found

    return different_plans(problem, by="accelerator", solve=solve)


def _types(purchase: Purchase) -> frozenset[str]:
    return frozenset(group.accelerator for group, _ in purchase)


def _described(study: Study, purchase: Purchase, solution: Solution, won: Decision) -> RunnerUp:
    request, nodes = study.request, nodes_of(study.request, purchase)
    usd_per_h = nodes_usd_per_h(nodes)
    cost = cost_usd_per_h(won.purchase)
    proof = proof_text(solution.outcome)
    return RunnerUp(
        restriction=f"with {' + '.join(sorted(_types(purchase)))}",
        description=purchase_text(study, purchase),
        cost_usd_per_h=usd_per_h,
        cost_pct=percent_of(usd_per_h - cost, cost),
        p99_s=carried_p99_s(request, study.table, study.rates, purchase, simulate=False),
        power_w=nameplate_w(request, nodes),
        reason=f"best of all other sets of types ({proof})",
    )
