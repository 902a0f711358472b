"""Residuals of a fitted vector, and their derivatives.

    residual i = [log(predicted_i) - log(measured_i)] / deviation_i

Derivatives are forward differences. One difference serves all cells (and all architectures) at
once, because a row depends on one cell and one architecture only.
"""

from dataclasses import dataclass

import numpy as np

from recommender.accuracy.fit.fit_data import FitData
from recommender.accuracy.fit.parameters import NAMES, SHARPNESS, values_of
from recommender.accuracy.fit.theta import FACTORS, Shape
from recommender.accuracy.load_constants import assemble
from recommender.accuracy.rates import speeds
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats

STEP = 1e-4


@dataclass(frozen=True, slots=True)
class FitModel:
    """Predictions of the rows of `data` as a function of the fitted vector."""

    data: FitData
    shape: Shape

    def log_predictions(self, vector: Floats) -> Floats:
        """Logarithm of the predicted quantities, shape (n,)."""
        return self._predict(*self._rows(vector))

    def residuals(self, vector: Floats) -> Floats:
        """Shape (n,)."""
        return np.asarray(
            (self.log_predictions(vector) - self.data.log_value) / self.data.deviation
        )

    def jacobian(self, vector: Floats) -> Floats:
        """Derivatives of the residuals, shape (n, size)."""
        data, shape = self.data, self.shape
        rows = np.arange(len(data))
        positions, factors = self._rows(vector)
        base = self._predict(positions, factors)
        slopes = np.zeros((len(data), shape.size))
        for k in range(shape.parameters):
            moved = positions.copy()
            moved[:, k] += STEP
            slope = (self._predict(moved, factors) - base) / STEP
            slopes[:, k] = slope
            slopes[rows, shape.parameters * (1 + data.cell) + k] = slope
        start = shape.parameters * (1 + shape.cells)
        for k in range(FACTORS):
            shifted = factors.copy()
            shifted[:, k] += STEP
            slope = (self._predict(positions, shifted) - base) / STEP
            slopes[rows, start + FACTORS * data.architecture + k] = slope
        return np.asarray(slopes / data.deviation[:, None])

    def _rows(self, vector: Floats) -> tuple[Floats, Floats]:
        """Positions and log factors of every row."""
        shared, deviation = self.shape.shared(vector), self.shape.deviation(vector)
        positions = (shared + deviation)[self.data.cell]
        return positions, self.shape.factors(vector)[self.data.architecture]

    def _predict(self, positions: Floats, factors: Floats) -> Floats:
        values = dict(zip(NAMES, values_of(positions).T, strict=True))
        constants = assemble(
            {**values, "sharpness": np.full(len(positions), SHARPNESS)},
            compute_factor=np.exp(factors[:, 0]),
            bandwidth_factor=np.exp(factors[:, 1]),
            overhead_factor=np.exp(factors[:, 2]),
            age=self.data.age,
        )
        timing = Timing(self.data.table, constants, self.data.batch)
        found = speeds(timing, self.data.loads)
        predicted = np.empty(len(self.data))
        names = np.array(self.data.names)
        for name in set(self.data.names):
            asked = names == name
            predicted[asked] = found[name][asked]
        return np.asarray(np.log(np.maximum(predicted, 1e-12)))
