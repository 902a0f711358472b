"""The fitted vector and its prior: few constants, shrunk to what all engines share.

    position of engine cell c, parameter k:  shared[k] + deviation[c, k]

Part          Shape            Prior (standard deviation)
shared        (p,)             around the start values (2; see `parameters`)
deviation     (cells, p)       around 0 (0.3 of it): an engine without data keeps the shared value
groups        (groups, 5)      log factors of compute, bandwidth, overheads, frontend and waiting
                               around 0 (see `groups`)

A cell is (engine, dense or moe).
"""

from dataclasses import dataclass

import numpy as np

from recommender.accuracy.fit.groups import Groups
from recommender.accuracy.fit.parameters import NAMES, PARAMETERS, start_positions
from recommender.performance.layout_table import Floats

DEVIATION_PRIOR = 0.3
"""Of an engine, in standard deviations of the shared prior."""
FACTORS = 5
WAITING = 4
"""The last of them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a flat vector is cut into parts."""

    cells: int
    groups: Groups

    @property
    def parameters(self) -> int:
        """Length of the shared part."""
        return len(NAMES)

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.parameters * (1 + self.cells) + FACTORS * len(self.groups.names)

    def shared(self, vector: Floats) -> Floats:
        """Shape (p,)."""
        return vector[: self.parameters]

    def deviation(self, vector: Floats) -> Floats:
        """Shape (cells, p)."""
        end = self.parameters * (1 + self.cells)
        return vector[self.parameters : end].reshape(self.cells, self.parameters)

    def factors(self, vector: Floats) -> Floats:
        """Log factors of compute, bandwidth, overheads, frontend and waiting, shape (groups, 5)."""
        start = self.parameters * (1 + self.cells)
        return vector[start:].reshape(len(self.groups.names), FACTORS)

    def as_planned(self, vector: Floats) -> Floats:
        """The vector without what single versions add to step times and frontend.

        Plans know no version. What prompts wait for each other they simulate: their own scheduler
        stands in place of the one whose loops were measured, which keeps its share of waiting.
        """
        changed = vector.copy()
        versions = [at for at, group in enumerate(self.groups.names) if group[1] == "version"]
        self.factors(changed)[versions, :WAITING] = 0.0
        return changed

    def start(self) -> Floats:
        """The prior mean."""
        vector = np.zeros(self.size)
        vector[: self.parameters] = start_positions()
        return vector

    def prior_deviation(self) -> Floats:
        """Standard deviation of the prior of every entry."""
        shared = np.array([parameter.prior for parameter in PARAMETERS])
        return np.concatenate(
            [
                shared,
                np.tile(DEVIATION_PRIOR * shared, self.cells),
                self.groups.deviations.ravel(),
            ]
        )
