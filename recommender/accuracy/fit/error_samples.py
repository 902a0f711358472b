"""Held-out errors by level and kind of quantity: what intervals are made of.

Level        Rows                                           Held out by
known        covered, configuration seen at other lengths   configuration and lengths
calibrated   covered, family seen on the accelerator with   configuration
             the engine
recombined   covered, each of them seen without the others  combination
assumed      layout or lengths not reported                 configuration
transferred  all but roofline only                          model family, accelerator (both count)
roofline     all                                            architecture

Groups of the covered levels are engine, family and silicon; of the others the engine alone: a
family or a kind of silicon says nothing about the errors of the next one (cross-fitted coverage is
the same, and more far rows are covered).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.calibration import Basis, Calibration, ErrorLevel
from recommender.accuracy.error_kind import error_kind
from recommender.accuracy.fit.folds import (
    combination_of,
    configuration_of,
    families_of_one_network,
    fold_numbers,
)
from recommender.accuracy.fit.spread_fit import Sample
from recommender.accuracy.interval import error_engines
from recommender.accuracy.question import Question
from recommender.accuracy.regime import is_founded
from recommender.accuracy.room import room_reach
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.accuracy.spread import Trait, spread_features, traits
from recommender.performance.layout_table import Floats

Mask = npt.NDArray[np.bool_]
WAYS: Mapping[ErrorLevel, tuple[str, ...]] = {
    "known": ("lengths",),
    "calibrated": ("configuration",),
    "recombined": ("combination",),
    "assumed": ("configuration",),
    "transferred": ("model", "accelerator"),
    "roofline": ("architecture",),
}
GROUPS: Mapping[ErrorLevel, int] = {"known": 3, "calibrated": 3, "recombined": 3}
"""How many groups tell errors apart, the widest first; else the engine alone."""
RIDGES: Mapping[ErrorLevel, float] = {"known": 5.0, "calibrated": 5.0, "assumed": 80.0}
"""See `spread_fit`; `assumed` has few rows."""
OTHER_RIDGE = 20.0


@dataclass(frozen=True, slots=True)
class LevelSample:
    """A sample with the questions that its rows are from."""

    level: ErrorLevel
    kind: str
    sample: Sample
    questions: tuple[Question, ...]


def level_samples(
    questions: Sequence[Question],
    table: ScenarioTable,
    bases: Sequence[Basis],
    held: Mapping[str, Floats],
    calibration: Calibration,
) -> list[LevelSample]:
    """Samples by level, the surest first, and by kind."""
    folds = {way: fold_numbers(questions, way) for ways in WAYS.values() for way in ways}
    features = spread_features(questions, table)
    reach = room_reach(questions, table, calibration)
    shared = traits(questions, table)
    kinds = np.array([error_kind(question) for question in questions])
    masks = _masks(questions, bases, folds, calibration)
    found = []
    for level, ways in WAYS.items():
        for kind in sorted(set(kinds)):
            rows = [
                (int(row), way)
                for way, name in enumerate(ways)
                for row in np.flatnonzero(masks[level] & (kinds == kind) & np.isfinite(held[name]))
            ]
            if rows:
                columns = (features, reach, shared)
                found.append(_sample(level, kind, rows, questions, columns, folds, held))
    return found


def _sample(
    level: ErrorLevel,
    kind: str,
    rows: Sequence[tuple[int, int]],
    questions: Sequence[Question],
    columns: tuple[Floats, Floats, Sequence[tuple[Trait, ...]]],
    folds: Mapping[str, npt.NDArray[np.intp]],
    held: Mapping[str, Floats],
) -> LevelSample:
    ways = WAYS[level]
    features, reach, shared = columns
    index = np.array([row for row, _ in rows])
    own = [questions[row] for row, _ in rows]
    sample = Sample(
        errors=np.array([held[ways[way]][row] for row, way in rows]),
        features=features[index],
        groups=tuple(error_engines(question)[::-1][: GROUPS.get(level, 1)] for question in own),
        configurations=np.array([configuration_of(question) for question in own]),
        fold=np.column_stack([folds[way][index] for way in ways]),
        way=np.array([way for _, way in rows], dtype=np.intp),
        traits=tuple(shared[int(row)] for row in index),
        reach=reach[index],
        ridge=RIDGES.get(level, OTHER_RIDGE),
    )
    return LevelSample(level, kind, sample, tuple(own))


def _masks(
    questions: Sequence[Question],
    bases: Sequence[Basis],
    folds: Mapping[str, npt.NDArray[np.intp]],
    calibration: Calibration,
) -> Mapping[ErrorLevel, Mask]:
    basis = np.array(bases)
    founded = np.array([is_founded(question, calibration) for question in questions])
    covered = basis == "calibrated"
    kin = families_of_one_network([question.scenario.model for question in questions])
    together = [combination_of(question, kin) for question in questions]
    family = [
        (own[0], *_engine_of(question)) for own, question in zip(together, questions, strict=True)
    ]
    accelerator = [own[1] for own in together]
    unmet = folds["combination"]
    return {
        "known": covered & _seen([configuration_of(one) for one in questions], folds["lengths"]),
        "calibrated": covered & _seen(together, folds["configuration"]),
        "recombined": covered & _seen(family, unmet) & _seen(accelerator, unmet),
        "assumed": (basis == "transferred") & founded,
        "transferred": basis != "roofline",
        "roofline": np.ones(len(questions), dtype=bool),
    }


def _engine_of(question: Question) -> tuple[str, bool]:
    """What constants are kept by: engine, dense or with experts."""
    return question.scenario.cell, question.scenario.model.is_moe


def _seen(names: Sequence[Hashable], fold: npt.NDArray[np.intp]) -> Mask:
    """Whether the fit that a row is held out of has seen another of this name."""
    folds: dict[Hashable, set[int]] = {}
    for name, number in zip(names, fold, strict=True):
        folds.setdefault(name, set()).add(int(number))
    return np.array([len(folds[name]) > 1 for name in names])
