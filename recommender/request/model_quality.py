r"""Quality of the models that may serve the requests, and what quantisation leaves of it.

    effective quality   q = Q[m] (1 - loss / 100)

Symbol  Meaning                                                           Unit
Q[m]    quality of model m in its published format: the user's figure, or
        the catalogue's benchmark                                         points of 100
loss    quality lost in these formats of weights and cache                %
q       quality of a deployment's answers                                 points of 100

The loss is relative to the same model unquantised, measured on broad benchmarks, so the product
takes it to be the same share of any other benchmark. Figures are compared only on one scale: the
user's for every model, or one benchmark of the catalogue for every model. None is made up.
"""

from collections.abc import Iterator, Mapping, Sequence

from catalog import Catalog
from catalog.schema import LanguageModel
from recommender.errors import MissingData, SpecError
from recommender.plan import Assumption
from recommender.request.spec import Spec


def models_of(spec: Spec, catalog: Catalog) -> tuple[LanguageModel, ...]:
    """The models that a spec names, in its order; SpecError where two names mean one."""
    models = tuple(catalog.model(choice.name) for choice in spec.models)
    named: dict[str, str] = {}
    for choice, model in zip(spec.models, models, strict=True):
        if model.id in named:
            raise SpecError(f"--model: {named[model.id]} and {choice.name} are both {model.id}")
        named[model.id] = choice.name
    return models


def qualities_of(spec: Spec, models: Sequence[LanguageModel]) -> Mapping[str, float]:
    """Model id -> Q [points of 100]; empty where it is not known of all, or nobody asks.

    Raises MissingData where a limit or an objective needs a figure that is not known.
    """
    if spec.models[0].quality is not None:
        return {m.id: c.quality or 0.0 for m, c in zip(models, spec.models, strict=True)}
    ranks = len(models) > 1 and any(goal.objective == "quality" for goal in spec.goals)
    needed = spec.min_quality is not None or ranks
    if len(models) == 1 and not needed:
        return {}
    unknown = [m.id for m in models if m.quality is None]
    scales = {m.quality_benchmark for m in models}
    if not unknown and len(scales) == 1:
        return {m.id: m.quality or 0.0 for m in models}
    if needed:
        what = "--min-quality" if spec.min_quality is not None else "--minimize quality"
        lack = f"that of {unknown[0]} is not in the catalogue" if unknown else (
            f"the catalogue's are of different benchmarks: {', '.join(map(str, scales))}"
        )  # fmt: skip
        example = ",".join(f"{choice.name}=NN" for choice in spec.models)
        raise MissingData(f"{what} needs the quality of each model, and {lack}; --model {example}")
    return {}


def quality_assumptions(
    spec: Spec, models: Sequence[LanguageModel], qualities: Mapping[str, float]
) -> Iterator[Assumption]:
    """Where each figure is from, and how models are chosen among."""
    for model in models if qualities else ():
        given = spec.models[0].quality is not None
        source = "" if given else model.quality_source or ""
        label = source.partition(";")[0]  # of the source: which variant and mode it scored
        what = "as given" if given else f"{model.quality_benchmark}, {label}"
        text = f"{qualities[model.id]:g} of 100, {what}"
        yield Assumption(f"quality of {model.id}", text, "--model NAME=QUALITY", source)
    if qualities:
        text = "that of the model x (1 - loss of its formats)"
        yield Assumption("quality of a deployment", text, "--model NAME=QUALITY")
    if any(goal.objective == "quality" for goal in spec.goals):
        text = "the loss of the worst deployment, in levels"
        yield Assumption("quality minimised", text, "--minimize")
    if len(models) == 1:
        return
    how = "one serves all requests"
    if spec.mix_models:
        how = "several at a time, requests at random; a mean quality is that with all nodes up"
    yield Assumption("models in a plan", how, "--mix-models")
    if not qualities:
        text = "not compared: the catalogue does not have it for all on one benchmark"
        yield Assumption("quality of the models", text, "--model NAME=QUALITY")
    elif spec.min_quality is None and spec.goals[0].objective != "quality":
        text = "none: the cheapest may win, whatever its quality; equal cost goes to the better"
        yield Assumption("least quality", text, "--min-quality")
