"""One model for a whole day: the best of the optima of each model alone.

A plan of one rate chooses its model inside its program (rows `one_model`). Over a day periods are
solved apart wherever nothing couples them, and a model would; so each model is decided alone, and
the best by the objectives in turn is taken. That is the same optimum: the plans of a model are
those of its own program. A share that an objective may lose is one of the optimum of all models,
which none of them knows: such goals are refused with the spec. Each model takes at most its share
of the time that is left, so that one that cannot be closed leaves time for the others.
"""

from collections.abc import Callable
from dataclasses import replace

from recommender.deadline import Deadline
from recommender.decision.decision import Decision, value_of
from recommender.decision.question import Question
from recommender.enumeration.replica_table import ReplicaTable
from recommender.solvers.outcome import Status
from recommender.solvers.prove import DECIDED

Allowed = Callable[[int], bool]


def best_of_models(
    table: ReplicaTable,
    question: Question,
    allowed: Allowed,
    decide: Callable[[Allowed, Deadline], Decision],
    deadline: Deadline,
) -> Decision:
    """The best decision over models; what is not decided for one of them is not proven.

    The bound of an undecided plan is kept where no other model is undecided: theirs may be less.
    """

    def alone(model: str, share: float) -> Decision:
        return decide(
            lambda position: table.model(position) == model and allowed(position),
            deadline.share(share),
        )

    models = list(dict.fromkeys(table.models))
    decisions = [alone(model, 1 / (len(models) - at)) for at, model in enumerate(models)]
    planned = [decision for decision in decisions if decision.purchase]
    undecided = [d for d in decisions if d.solution.outcome.status not in DECIDED]
    if not planned:
        return (undecided or decisions)[0]
    best = min(planned, key=lambda d: tuple(round(value_of(o, d), 6) for o in question.objectives))
    others = [decision for decision in undecided if decision is not best]
    return _not_proven(best) if others else best


def _not_proven(decision: Decision) -> Decision:
    """A plan that is best of what was found, as another model was not decided in time."""
    outcome = replace(
        decision.solution.outcome,
        status=Status.FEASIBLE,
        bound=None,
        message="another model was not decided in time; raise --time-limit",
    )
    return replace(decision, solution=replace(decision.solution, outcome=outcome, gap=None))
