"""Whether a saved plan can be replayed at all: refused, with the place, before anything runs.

Counts are positive, rates and step laws are finite and in range, and every name that is used is
one of the plan's, or of the catalogue. Numbers that can be replayed but are not true are the
business of `changed`.
"""

from collections.abc import Iterator
from dataclasses import fields
from math import isfinite

from catalog import Catalog
from recommender.errors import SpecError
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Plan
from recommender.request.spec import Spec
from recommender.slo import Target

_MOST = {"max_batch": 1e6, "ranks": 1e4, "kv_tokens": 1e13, "chunk_tokens": 1e9}
"""Also at least 1."""
_SUM_OF_LAW = ("a", "b", "g", "d", "q")


def check_replayable(plan: Plan) -> None:
    """SpecError for a plan with nothing to replay, or whose numbers cannot be replayed."""
    if not plan.deployments or not plan.placements:
        raise SpecError(f"the plan has status {plan.status} and nothing to replay")
    if not plan.targets:
        raise SpecError("the plan has no targets; solve its spec again")
    for target in plan.targets:
        _refuse(f"target on {target.metric}", _of_target(target))
    if plan.goodput is not None and not 0.0 < plan.goodput < 1.0:
        raise SpecError(f"the plan asks for a goodput of {plan.goodput:g}; solve its spec again")
    names = [d.name for d in plan.deployments]
    if len(set(names)) < len(names):
        raise SpecError(f"the plan has two deployments of one name: {', '.join(names)}")
    for d in plan.deployments:
        _refuse(f"deployment {d.name}", _of_deployment(d))
    for p in plan.placements:
        wrong = [f"{n} is no deployment" for n in p.replicas if n not in names]
        if p.groups < 1 or p.nodes_per_group < 1 or min(p.replicas.values(), default=0) < 1:
            wrong.append("counts must be at least 1")
        _refuse(f"placement on {p.offer}", wrong)


def check_known(plan: Plan, spec: Spec, facts: Catalog) -> None:
    """SpecError for a plan that names what the catalogue does not have."""
    models = {facts.model(choice.name).id for choice in spec.models}
    for d in plan.deployments:
        wrong = [] if d.offer in facts.offers else [f"no offer {d.offer} in the catalogue"]
        if d.accelerator not in facts.accelerators:
            wrong.append(f"no accelerator {d.accelerator} in the catalogue")
        if d.model not in models:
            wrong.append(f"model {d.model} is not {spec.model}, for which the plan was made")
        _refuse(f"deployment {d.name}", wrong)
    for p in plan.placements:
        known = p.offer in facts.offers
        _refuse(f"placement on {p.offer}", [] if known else ["no such offer in the catalogue"])


def _of_target(target: Target) -> Iterator[str]:
    if not 0.0 < target.percentile < 1.0:
        yield f"percentile is {target.percentile:g}"
    if not (isfinite(target.limit_s) and target.limit_s > 0.0):
        yield f"limit is {target.limit_s:g} s"


def _of_deployment(d: Deployment) -> Iterator[str]:
    for name in ("requests_per_s", "max_requests_per_s"):
        value = getattr(d, name)
        if not (isfinite(value) and value > 0.0):
            yield f"{name} is {value:g}"
    if d.dp < 1:
        yield f"dp is {d.dp}"
    if not d.step_law:
        yield "no step law"
        return
    known = {field.name: field for field in fields(StepLaw) if field.name != "basis"}
    needed = {name for name in (*_SUM_OF_LAW, *_MOST)} - {"ranks"}
    if odd := (set(d.step_law) - set(known)) | (needed - set(d.step_law)):
        yield f"step law with unknown or missing {', '.join(sorted(odd))}"
        return
    for name, value in d.step_law.items():
        least, most = (1.0, _MOST[name]) if name in _MOST else (0.0, 1e6)
        if not least <= value <= most:
            yield f"{name} of the step law is {value:g}"
    if not any(d.step_law[name] > 0.0 for name in _SUM_OF_LAW):
        yield "a step law that takes no time"


def _refuse(where: str, wrong: "Iterator[str] | list[str]") -> None:
    for problem in wrong:
        raise SpecError(
            f"{where}: {problem}; the plan was edited or comes from another version, solve its "
            "spec again"
        )
