"""The batch of a server that keeps its limits for 99 % of its requests: the largest within them.

    TPOT(min(B + z*s, N)) <= limit of TPOT,     (B + z*s - N) * o / X(B) <= limit of TTFT
    X(B) = B / TPOT(B),     s^2 = X / X' / ranks

Symbol  Meaning                                                                   Unit
B       sequences in flight per attention rank, in the mean                        count
N       places per rank: more wait, and do not slow the others                     count
o       output tokens of a request                                                 tokens
X, X'   tokens per second of a rank at this batch, and their slope                 1/s
s       standard deviation of the sequences in flight of a rank                    count
ranks   attention ranks of all replicas: requests go to the least busy             count
z       2.33, the 99th percentile of a normal distribution                         1

Requests come at random, and share the engine once they are in: with B in flight X(B)/o of them end
per second. For lengths of any distribution the number in flight is that of a birth-and-death
process with these rates (processor sharing with a rate that depends on the number; J. W. Cohen, The
multiple phase service network with generalized processor sharing, Acta Informatica 12, 1979). Its
logarithm curves by -X'/X at the mode, hence s^2. With TPOT = a + b*B and one rank it is
B + (b/a)*B^2: Poisson, and wider the less a larger batch adds to the throughput.

Submitters dispatch to the least busy replica (mlcommons/inference_results_v5.1: `loadBalancing` of
NVIDIA's, `shortest_queue` of AMD's harness), so that all ranks share one scatter. At the loads that
were measured this puts the 99th percentile of TPOT at 1.12 times the median with several replicas
of TensorRT-LLM (1.13 in 20 runs of MLPerf 4.1 and 5.1) and at 1.35 times with one (1.26 in 8 runs,
of all engines); several replicas of other engines scatter more (1.28 in 9 runs, predicted 1.07).

Where even one sequence would break the limit by the prediction, although the measurement kept it,
the limit is taken to be 1.5 times that sequence's TPOT.
"""

from collections.abc import Sequence

import numpy as np

from recommender.accuracy.load import Load
from recommender.accuracy.load_constants import LoadConstants
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats

Z_99 = 2.33
SLACK = 1.5
HALVINGS = 14
STEP = 1.02
"""Ratio of the two batches that give the slope of the throughput."""


def server_batch(
    table: ScenarioTable, constants: LoadConstants, loads: Sequence[Load], batch: Floats
) -> Floats:
    """`batch` where the load has no limit; else the largest within it, shape (n,)."""
    tpot_limits = np.array([load.tpot_limit_s or np.inf for load in loads])
    ttft_limits = np.array([load.ttft_limit_s or 0.0 for load in loads])
    limited = np.flatnonzero(np.isfinite(tpot_limits))
    if not len(limited):
        return batch
    found = batch.copy()
    found[limited] = _within(
        table.take(limited),
        constants.take(limited),
        tpot_limits[limited],
        ttft_limits[limited],
        batch[limited],
    )
    return found


def _within(
    table: ScenarioTable,
    constants: LoadConstants,
    tpot_limits: Floats,
    ttft_limits: Floats,
    batch: Floats,
) -> Floats:
    """The largest batches of rows with limits [s]."""

    def tpot(sequences: Floats) -> Floats:
        return Timing(table, constants, sequences).tpot

    limits = np.maximum(tpot_limits, SLACK * tpot(np.ones_like(batch)))
    low, high = np.minimum(1.0, batch), batch
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        now = tpot(middle)
        spread = in_flight_deviation(middle, now, tpot(STEP * middle), ranks=table.ranks)
        most = middle + Z_99 * spread
        wait = (most - batch) * table.outputs * now / middle
        within = (tpot(np.minimum(most, batch)) <= limits) & (wait <= ttft_limits)
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    return low


def in_flight_deviation(
    batch: Floats, tpot_s: Floats, later_tpot_s: Floats, *, ranks: Floats
) -> Floats:
    """s of a mean `batch` per rank, from its TPOT and that at `STEP` times as many, shape (n,)."""
    rate, later = batch / tpot_s, STEP * batch / later_tpot_s
    slope = np.maximum(later - rate, 1e-9 * rate) / ((STEP - 1) * batch)
    return np.asarray(np.sqrt(rate / slope / ranks))
