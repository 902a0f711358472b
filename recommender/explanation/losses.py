"""Losses that a plan need not survive after all: what to write instead, one loss at a time.

`--survive zone,rack` asks for two things: without the zone it is `--survive rack`, without the rack
`--survive zone`. Only where neither alone is enough, all of `--survive` is left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

from recommender.decision.question import Question
from recommender.decision.study import Study
from recommender.request.spec import Spec

Found = TypeVar("Found")


class Loss(NamedTuple):
    """A loss of the request that another request does not survive.

    Attributes
    ----------
    flag, value
        What to change, and to what.
    cause
        The flag with the loss, as asked for.
    question
        Of the other request.
    """

    flag: str
    value: str
    cause: str
    question: Question


def fewer_losses(
    study: Study, plan_of: Callable[[Question], Found | None]
) -> Iterator[tuple[Loss, Found]]:
    """Each loss without which there is a plan, and the plan; all together where none alone is."""
    found = False
    for loss in _single(study):
        if (plan := plan_of(loss.question)) is not None:
            found = True
            yield loss, plan
    asked = study.request.spec.survive
    if not found and len(asked) > 1:
        spec = study.request.spec.model_copy(update={"survive": ()})
        question = _surviving(study, spec)
        loss = Loss("--survive", "without --survive", f"--survive {','.join(asked)}", question)
        if (plan := plan_of(question)) is not None:
            yield loss, plan


def _single(study: Study) -> Iterator[Loss]:
    """One loss less; a zone that both flags ask for is left out of both."""
    spec = study.request.spec
    for name in spec.survive:
        rest = tuple(other for other in spec.survive if other != name)
        less, value = spec.model_copy(update={"survive": rest}), ",".join(rest)
        if name == "zone" and spec.redundancy == "zone":
            less = less.model_copy(update={"redundancy": "none"})
            value = f"{value or 'left out'} and --redundancy none"
        question = _surviving(study, less)
        yield Loss("--survive", value or "without --survive", f"--survive {name}", question)
    if spec.redundancy == "zone" and "zone" not in spec.survive:
        question = _surviving(study, spec.model_copy(update={"redundancy": "none"}))
        yield Loss("--redundancy", "none", "--redundancy", question)


def _surviving(study: Study, spec: Spec) -> Question:
    """The question with the losses of another spec."""
    return replace(study.question, survive=spec.survived, survive_rack=spec.survives_rack)
