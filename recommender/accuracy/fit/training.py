"""Fit all constants to measured questions, and predict held-out ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog.calibration import Calibration
from recommender.accuracy.fit.fit_data import FitData, fit_data, usable
from recommender.accuracy.fit.fit_model import FitModel
from recommender.accuracy.fit.folds import held_out
from recommender.accuracy.fit.solver import ITERATIONS, solve
from recommender.accuracy.fit.theta import Shape
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.question import Question
from recommender.performance.layout_table import Floats

FOLD_ITERATIONS = 25


@dataclass(frozen=True, slots=True)
class Training:
    """Rows that are fitted, and the shape of what is fitted."""

    questions: tuple[Question, ...]
    data: FitData
    cells: tuple[tuple[str, str], ...]
    architectures: tuple[str, ...]

    @property
    def shape(self) -> Shape:
        """Of the fitted vector."""
        return Shape(cells=len(self.cells), architectures=len(self.architectures))

    def fit(self, data: FitData, *, start: Floats, iterations: int = ITERATIONS) -> Floats:
        """The fitted vector of these rows."""
        model = FitModel(data, self.shape)
        return solve(
            model.residuals,
            model.jacobian,
            start,
            mean=self.shape.start(),
            deviation=self.shape.prior_deviation(),
            iterations=iterations,
        )

    def errors(self, data: FitData, vector: Floats) -> Floats:
        """log(measured / predicted) of rows, shape (n,)."""
        return np.asarray(data.log_value - FitModel(data, self.shape).log_predictions(vector))

    def held_out_errors(self, way: str) -> Floats:
        """log(measured / predicted) of every row by a fit that did not see it, shape (n,).

        Every fold starts from the prior, not from the full fit, so nothing leaks.
        """
        errors = np.full(len(self.questions), np.nan)
        for scored in held_out(self.questions, way):
            seen = self.data.take(np.flatnonzero(~scored))
            vector = self.fit(seen, start=self.shape.start(), iterations=FOLD_ITERATIONS)
            unseen = np.flatnonzero(scored)
            errors[unseen] = self.errors(self.data.take(unseen), vector)
        return errors


def training(
    questions: Sequence[Question], values: Sequence[float], calibration: Calibration
) -> Training:
    """The usable rows of measured questions."""
    mask = usable(questions, calibration)
    kept = tuple(question for question, keep in zip(questions, mask, strict=True) if keep)
    measured = [value for value, keep in zip(values, mask, strict=True) if keep]
    cells = tuple(sorted({(item.scenario.cell, str(kind_of(item.scenario))) for item in kept}))
    architectures = tuple(sorted({item.scenario.accelerator.architecture for item in kept}))
    data = fit_data(
        kept, measured, calibration=calibration, cells=cells, architectures=architectures
    )
    return Training(kept, data, cells, architectures)
