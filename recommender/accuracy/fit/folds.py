"""Ways to hold rows out, so that no row both fits and scores.

lengths        a fifth of the sets of (configuration, prompt and output tokens): new lengths of
               a configuration that was seen (`known`)
configuration  a fifth of the (model, accelerator, engine, precision, layout) sets: what a row
               of known hardware and engine meets (`calibrated`)
combination    an eighth of the sets of (model family, accelerator, engine): a family that was never
               run on that accelerator with that engine, each of them known otherwise
               (`recombined`)
model          all rows of a model family, and of families that share a network with it: a new
               model (`transferred`)
accelerator    all rows of an accelerator: a new one of a known architecture (`transferred`)
architecture   all rows of an architecture and of what inherits from it (Blackwell with Blackwell
               Ultra and its cards with graphics memory): nothing like it was measured (`roofline`)
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from catalog.network import network_sizes
from catalog.schema import LanguageModel
from catalog.silicon import lineage, silicon
from recommender.accuracy.question import Question

FOLDS = {"lengths": 5, "configuration": 5, "combination": 8}
"""Ways whose folds are dealt by a hash, and how many; combinations are large."""
BRANCH = 2
"""Generations of a lineage that are told apart: its root, and what inherits from it."""
LARGEST_FOLDS = 8
"""Groups held out one by one, largest first; the rest are dealt to REST_FOLDS, so that few of a
kind are held out together: neighbours by name (RTX 4080, RTX 4090) go to different ones.
"""
REST_FOLDS = 4

Mask = npt.NDArray[np.bool_]
WAYS = (*FOLDS, "model", "accelerator", "architecture")


def held_out(questions: Sequence[Question], way: str) -> Iterator[Mask]:
    """Masks of the rows to score, one per fold; together they cover every row once."""
    kin = families_of_one_network([question.scenario.model for question in questions])
    groups = np.array([_group(question, way, kin) for question in questions])
    names, counts = np.unique(groups, return_counts=True)
    if way in FOLDS:
        for fold in names:
            yield groups == fold
        return
    order = names[np.argsort(-counts)]
    for name in order[:LARGEST_FOLDS]:
        yield groups == name
    rest = np.sort(order[LARGEST_FOLDS:])
    for part in range(min(REST_FOLDS, len(rest))):
        yield np.isin(groups, rest[part::REST_FOLDS])


def families_of_one_network(models: Iterable[LanguageModel]) -> Mapping[str, str]:
    """A common name for families with a member of equal layers: Llama 3, 3.1 and 3.3, DeepSeek-V3
    and R1. A fold that saw the one has seen the other.
    """
    root: dict[str, str] = {}
    first: dict[tuple[object, ...], str] = {}

    def find(family: str) -> str:
        while root.setdefault(family, family) != family:
            family = root[family]
        return family

    for model in {model.id: model for model in models}.values():
        known = first.setdefault(network_sizes(model), model.family)
        root[find(model.family)] = find(known)
    return {family: find(family) for family in list(root)}


def _group(question: Question, way: str, kin: Mapping[str, str]) -> str:
    scenario = question.scenario
    if way == "model":
        return kin[scenario.model.family]
    if way == "accelerator":
        return scenario.accelerator.name
    if way == "architecture":
        return lineage(silicon(scenario.accelerator))[:BRANCH][-1]
    if way == "combination":
        key = " ".join(combination_of(question, kin))
    else:
        key = configuration_of(question)
    if way == "lengths":
        key = f"{key} {scenario.input_tokens} {scenario.output_tokens}"
    digest = hashlib.sha256(key.encode()).digest()
    return str(digest[0] % FOLDS[way])


def combination_of(question: Question, kin: Mapping[str, str]) -> tuple[str, str, str]:
    """Family (or that of the same network), accelerator and engine."""
    scenario = question.scenario
    return kin[scenario.model.family], scenario.accelerator.name, scenario.engine


def fold_numbers(questions: Sequence[Question], way: str) -> npt.NDArray[np.intp]:
    """Which fold scores each row, shape (n,)."""
    numbers = np.full(len(questions), -1, dtype=np.intp)
    for number, mask in enumerate(held_out(questions, way)):
        numbers[mask] = number
    return numbers


def configuration_of(question: Question) -> str:
    """Network, accelerator, engine, format and degrees as one word."""
    scenario = question.scenario
    configuration = (
        network_sizes(scenario.model), scenario.accelerator.name, scenario.engine,
        scenario.weights.name, scenario.tp, scenario.pp, scenario.adp, scenario.ep,
    )  # fmt: skip
    return repr(configuration)
