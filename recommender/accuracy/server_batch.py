"""The batch of a server that keeps its limits: the largest one within them.

    TPOT(B) <= 0.8 * limit of p99       the mean lies about a fifth below the 99th percentile

TPOT grows with the batch, so bisection finds it. TTFT limits are kept by admission and do not
change the batch. Where even one sequence would break the limit by the prediction, although the
measurement kept it, the limit is taken to be 1.5 times that sequence's TPOT.
"""

from collections.abc import Sequence

import numpy as np

from recommender.accuracy.load import Load
from recommender.accuracy.load_constants import LoadConstants
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats

MEAN_TO_P99 = 0.8
SLACK = 1.5
HALVINGS = 12


def server_batch(
    table: ScenarioTable, constants: LoadConstants, loads: Sequence[Load], batch: Floats
) -> Floats:
    """`batch` where the load has no limit; else the largest within it, shape (n,)."""
    limits = np.array([load.tpot_limit_s or np.inf for load in loads]) * MEAN_TO_P99
    if not np.isfinite(limits).any():
        return batch
    low, high = np.ones_like(batch), batch
    limits = np.maximum(limits, SLACK * Timing(table, constants, low).tpot)
    fits = Timing(table, constants, high).tpot <= limits
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        within = Timing(table, constants, middle).tpot <= limits
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    return np.where(fits, batch, np.minimum(low, batch))
