"""Fit all constants to measured questions, and predict held-out ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration
from recommender.accuracy.first_token import features, is_closed_first_token
from recommender.accuracy.fit.beyond_datasheet import beyond_datasheet
from recommender.accuracy.fit.contradictions import contradictory
from recommender.accuracy.fit.first_token_fit import Weights, explained, fit_first_token
from recommender.accuracy.fit.fit_data import FitData, fit_data, usable
from recommender.accuracy.fit.fit_model import FitModel
from recommender.accuracy.fit.folds import held_out
from recommender.accuracy.fit.groups import Groups, all_groups
from recommender.accuracy.fit.solver import ITERATIONS, minimise
from recommender.accuracy.fit.theta import Shape
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.question import Question
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats

FOLD_ITERATIONS = 25


@dataclass(frozen=True, slots=True)
class HeldOutErrors:
    """log(measured / predicted) of every row by a fit that did not see it, shape (n,)."""

    predicted: Floats
    """As `recommend predict` would have it."""
    planned: Floats
    """As a plan would: of no version in particular, and without the learned residual."""


@dataclass(frozen=True, slots=True)
class Training:
    """Rows that are fitted, and the shape of what is fitted."""

    questions: tuple[Question, ...]
    data: FitData
    cells: tuple[tuple[str, str], ...]
    groups: Groups
    used: npt.NDArray[np.bool_]
    """Which of the rows that were given these are."""
    contradictory: int = 0
    """Rows left out, as their settings contradict themselves."""
    impossible: int = 0
    """Rows left out, as they are faster than their hardware."""

    @property
    def shape(self) -> Shape:
        """Of the fitted vector."""
        return Shape(cells=len(self.cells), groups=self.groups)

    def fit(self, data: FitData, *, start: Floats, iterations: int = ITERATIONS) -> Floats:
        """The fitted vector of these rows."""
        model = FitModel(data, self.shape)
        return minimise(
            model.residuals,
            model.normal_equations,
            start,
            mean=self.shape.start(),
            deviation=self.shape.prior_deviation(),
            iterations=iterations,
        )

    def errors(self, data: FitData, vector: Floats) -> Floats:
        """log(measured / predicted) of rows by the fitted constants alone, shape (n,)."""
        return np.asarray(data.log_value - FitModel(data, self.shape).log_predictions(vector))

    def held_out_errors(self, way: str) -> HeldOutErrors:
        """Errors of every row with its fold held out.

        Every fold starts from the prior, not from the full fit, so nothing leaks.
        """
        predicted, planned = np.full((2, len(self.questions)), np.nan)
        for scored in held_out(self.questions, way):
            seen = self.data.take(np.flatnonzero(~scored))
            vector = self.fit(seen, start=self.shape.start(), iterations=FOLD_ITERATIONS)
            found = self.errors(self.data, vector)
            timing = self.timing(vector)
            found -= self.explained(self.first_token(found, timing, ~scored), timing)
            predicted[scored] = found[scored]
            planned[scored] = self.errors(self.data, self.shape.as_planned(vector))[scored]
        return HeldOutErrors(predicted, planned)

    def timing(self, vector: Floats) -> Timing:
        """Times of all rows by the fitted constants."""
        return FitModel(self.data, self.shape).timing(vector)

    def first_token(self, errors: Floats, timing: Timing, seen: npt.NDArray[np.bool_]) -> Weights:
        """Weights of the learned residual, from the rows that were seen."""
        rows = np.flatnonzero(seen & self._first_tokens)
        scenarios = [self.questions[row].scenario for row in rows]
        return fit_first_token(scenarios, features(scenarios, timing, rows), errors[rows])

    def explained(self, weights: Weights, timing: Timing) -> Floats:
        """What the learned residual explains of each row's log error, shape (n,)."""
        found = np.zeros(len(self.questions))
        rows = np.flatnonzero(self._first_tokens)
        scenarios = [self.questions[row].scenario for row in rows]
        found[rows] = explained(scenarios, features(scenarios, timing, rows), weights)
        return found

    @property
    def _first_tokens(self) -> npt.NDArray[np.bool_]:
        return np.array([is_closed_first_token(question) for question in self.questions])


def training(
    questions: Sequence[Question], values: Sequence[float], calibration: Calibration
) -> Training:
    """The usable rows of measured questions."""
    impossible = beyond_datasheet(questions, values, calibration)
    possible = np.flatnonzero(~impossible)
    contrary = np.zeros(len(questions), dtype=np.bool_)
    contrary[possible] = contradictory(
        [questions[int(row)] for row in possible], [values[int(row)] for row in possible]
    )
    mask = usable(questions, calibration) & ~contrary & ~impossible
    kept = tuple(question for question, keep in zip(questions, mask, strict=True) if keep)
    measured = [value for value, keep in zip(values, mask, strict=True) if keep]
    cells = tuple(sorted({(item.scenario.cell, str(kind_of(item.scenario))) for item in kept}))
    groups = all_groups([item.scenario for item in kept])
    data = fit_data(kept, measured, calibration=calibration, cells=cells, groups=groups)
    return Training(kept, data, cells, groups, mask, int(contrary.sum()), int(impossible.sum()))
