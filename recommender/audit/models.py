r"""Which models serve, and how good their answers are, from the plan, the spec and the catalogue.

    left of quality     Q (100 - loss) / 100                            per deployment
    mean over requests  sum_d share of requests of d * left of d

Symbol  Meaning                                                            Unit
Q       the user's figure for the model, else the catalogue's benchmark    points of 100
loss    quality lost in the deployment's formats                           %
"""

from collections.abc import Iterator, Mapping

from catalog import Catalog
from catalog.schema import LanguageModel
from recommender.audit.finding import at_least, at_most, equal
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec


def models_by_id(spec: Spec, catalog: Catalog) -> Mapping[str, LanguageModel]:
    """The models that a spec names; the first also stands for ids that it does not name."""
    return {model.id: model for model in (catalog.model(c.name) for c in spec.models)}


def model_of(d: Deployment, models: Mapping[str, LanguageModel]) -> LanguageModel:
    """The model of a deployment; the spec's first where it names another one (a finding)."""
    return models.get(d.model, next(iter(models.values())))


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Models are among those of the spec, as many as allowed, and good enough."""
    if plan.totals is None:
        return
    models = models_by_id(spec, catalog)
    runs = [*plan.deployments, *(d for period in plan.periods for d in period.deployments)]
    for name in dict.fromkeys(d.model for d in runs):
        yield equal(f"{name} is among the models asked for", 1.0, float(name in models), "")
    if len(models) > 1 and not spec.mix_models:
        yield at_most("models that serve", len({d.model for d in runs}), 1, "models")
    if all(d.quality is None for d in plan.deployments) and spec.min_quality is None:
        return
    figures = {c.name: c.quality for c in spec.models}
    known = {
        model.id: model.quality if given is None else given
        for model, given in zip(models.values(), figures.values(), strict=True)
    }
    left = {  # names are those of this fleet: a period's d1 may be another kind
        d.name: (known.get(d.model) or 0.0) * (100 - d.quality_loss_pct) / 100
        for d in plan.deployments
    }
    for d in plan.deployments:
        yield equal(f"{d.name}: quality", d.quality or 0.0, left[d.name], "points")
        if spec.min_quality is not None and not spec.mix_models:
            yield at_least(f"{d.name}: least quality", left[d.name], spec.min_quality, "points")
    served = sum(d.requests_per_s for d in plan.deployments)
    mean = sum(d.requests_per_s * left[d.name] for d in plan.deployments) / served
    yield equal("mean quality over requests", plan.totals.quality or 0.0, mean, "points")
    if spec.min_quality is not None:
        yield at_least("mean quality", mean, spec.min_quality, "points")
