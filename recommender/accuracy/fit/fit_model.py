"""Residuals of a fitted vector, and their derivatives.

    residual i = [log(predicted_i) - log(measured_i)] / deviation_i

Derivatives are forward differences. One difference serves all cells (and all architectures) at
once, because a row depends on one cell, and on the sum of its groups' factors.
"""

from dataclasses import dataclass

import numpy as np

from recommender.accuracy.fit.fit_data import FitData
from recommender.accuracy.fit.parameters import SHARPNESS, values_of
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

    def normal_equations(self, vector: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """J'Wr, shape (size,), and J'WJ, shape (size, size), of weighted residuals.

        Rows of one cell and the same groups have slopes in the same few columns, so each such set
        adds one small matrix: J itself, nearly all zeros, is never made.
        """
        slopes = self._slopes(vector)
        weighted = weights * self.residuals(vector)
        gradient, curvature = np.zeros(self.shape.size), np.zeros((self.shape.size,) * 2)
        signatures = np.column_stack([self.data.cell, self.data.groups])
        kinds, kind_of_row = np.unique(signatures, axis=0, return_inverse=True)
        for kind, (cell, *groups) in enumerate(kinds):
            rows = np.flatnonzero(kind_of_row.ravel() == kind)
            own = slopes[rows]
            columns, derivative = self._columns(int(cell), [group for group in groups if group])
            gradient[columns] += (own.T @ weighted[rows])[derivative]
            inner = own.T @ (own * weights[rows, None])
            curvature[np.ix_(columns, columns)] += inner[np.ix_(derivative, derivative)]
        return gradient, curvature

    def _columns(self, cell: int, groups: list[int]) -> tuple[list[int], list[int]]:
        """Columns of the vector that rows of this cell and these groups depend on, each once,
        and which of the distinct slopes each of them takes.
        """
        own = self.shape.parameters
        start = own * (1 + self.shape.cells)
        parameters, factors = range(own), range(FACTORS)
        columns = [*parameters, *(own * (1 + cell) + k for k in parameters)]
        columns += [start + FACTORS * group + k for group in groups for k in factors]
        derivative = [*parameters, *parameters, *(own + k for _ in groups for k in factors)]
        return columns, derivative

    def _slopes(self, vector: Floats) -> Floats:
        """Distinct derivatives of the residuals, by parameters and by factors."""
        positions, factors = self._rows(vector)
        base = self._predict(positions, factors)
        slopes = []
        for k in range(self.shape.parameters):
            moved = positions.copy()
            moved[:, k] += STEP
            slopes.append(self._predict(moved, factors) - base)
        for k in range(FACTORS):
            shifted = factors.copy()
            shifted[:, k] += STEP
            slopes.append(self._predict(positions, shifted) - base)
        return np.asarray(np.stack(slopes, axis=1) / STEP / self.data.deviation[:, None])

    def _rows(self, vector: Floats) -> tuple[Floats, Floats]:
        """Positions and log factors of every row."""
        shared, deviation = self.shape.shared(vector), self.shape.deviation(vector)
        positions = (shared + deviation)[self.data.cell]
        return positions, self.shape.factors(vector)[self.data.groups].sum(axis=1)

    def timing(self, vector: Floats) -> Timing:
        """Times of all rows by this vector."""
        return self._timing(*self._rows(vector))

    def _timing(self, positions: Floats, factors: Floats) -> Timing:
        values = values_of(positions)
        constants = assemble(
            {**values, "sharpness": np.full(len(positions), SHARPNESS)},
            compute_factor=np.exp(factors[:, 0]),
            bandwidth_factor=np.exp(factors[:, 1]),
            overhead_factor=np.exp(factors[:, 2]),
            frontend_factor=np.exp(factors[:, 3]),
            waiting_factor=np.exp(factors[:, 4]),
            age=self.data.age,
        )
        return Timing(self.data.table, constants, self.data.batch)

    def _predict(self, positions: Floats, factors: Floats) -> Floats:
        found = speeds(self._timing(positions, factors), self.data.loads)
        predicted = np.empty(len(self.data))
        names = np.array(self.data.names)
        for name in set(self.data.names):
            asked = names == name
            predicted[asked] = found[name][asked]
        return np.asarray(np.log(np.maximum(predicted, 1e-12)))
