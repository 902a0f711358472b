r"""What remains of a decision that the time limit, or the user, cut short.

    bound    the last optimum: kinds that are not simulated entered it with a bound on their rate,
             so no plan is better
    plan     the optimum over the kinds that are simulated already
    gap      (plan - bound) / plan

Where rows compare rates, a rate that is too high can rule a plan out: there the bound is that
without those rows (`Solution.loose`), which larger rates only lower. Where emissions, planned power
or traffic are limited or minimised, which grow with rates, no bound is known.

Without any simulated plan nothing is claimed but the bound; over a day of periods there is no gap,
for the optimum of a day of bounds is not kept period by period.
"""

from dataclasses import replace

from recommender.decision.purchase_value import purchase_value
from recommender.decision.question import Question
from recommender.formulation.solve_single_service import Solution
from recommender.solvers.outcome import Outcome, Status

GRACE_S = 2.0
"""For one more solve, over the simulated kinds only, when the time is up."""
STANDS = "this plan's rates are simulated and the audit says what holds; a better one may exist"
INTERRUPTED = "interrupted: the best plan of the kinds that were simulated until then"


def cut_short(question: Question, settled: Solution, last: Solution, *, why: str) -> Solution:
    """The plan of `settled` kinds, as far from best as the `last` optimum allows."""
    if not settled.counts:
        outcome = Outcome(Status.NOT_REACHED, solver=last.outcome.solver, message=why)
        return replace(last, outcome=outcome, counts={}, gap=None)
    bounded = question.day is None and not question.grows_with_rates
    known = last.gap is not None and last.counts and bounded and not question.compares_rates
    least = _value(question, last) * (1 - (last.gap or 0.0)) if known else None
    value = _value(question, settled)
    gap = None if least is None or not value else max(0.0, value - least) / value
    whole = settled.outcome.objective
    if gap is None and bounded and last.loose is not None and whole:
        gap = max(0, whole - last.loose) / whole
    status = Status.FEASIBLE
    message = why if why == INTERRUPTED else f"{why}; {STANDS}"
    outcome = replace(settled.outcome, status=status, bound=None, proof=(), message=message)
    return replace(settled, outcome=outcome, gap=gap)


def out_of_time(rounds: int) -> str:
    """Why the rates are not settled, and what helps."""
    return (
        f"the time limit ended the search after {rounds} rounds of simulation; raise --time-limit, "
        "or narrow the request with --gpu or --provider; --fast tries closed forms first"
    )


def _value(question: Question, solution: Solution) -> float:
    bought = [(solution.groups[name], n) for name, n in solution.counts.items()]
    return purchase_value(question.objectives[0], bought)
