"""Sequences in flight per attention rank, where the load leaves that to the engine.

    offline   min(N, K / c)           c: mean context; all of it is reserved by TensorRT-LLM
    reported  min(reported, K / c)    more than fit wait, they do not decode
    K = (u*M - W - R) / k             of TensorRT-LLM u*(M - W - R) / k

Symbol  Meaning                                                            Unit
N       most sequences of a batch by default: 2048 TensorRT-LLM, 1024 vLLM
        since 2025 and SGLang, 256 before                                  count
K, k    capacity of the cache; bytes per token                             tokens, B
u       share of the memory M that engines claim, TensorRT-LLM of what     1
        is free after loading (`free_gpu_memory_fraction`): 0.9, 0.97
        where that would leave hardly any cache, or that of an overlay
W, R    weights; activations and runtime, 3 GB                             B
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.accuracy.load import Load
from recommender.accuracy.own_engine import RESERVING_ENGINES, memory_share, shares_free_memory
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.performance.layout_table import Floats

UTILISATION, TIGHT_UTILISATION = 0.9, 0.97
LEAST_CACHE_SHARE = 0.02
"""Of the memory: who would have less starts the engine with TIGHT_UTILISATION."""
RUNTIME_BYTES = 3e9
LARGE_BATCH, MIDDLE_BATCH, SMALL_BATCH = 2048.0, 1024.0, 256.0
LARGER_DEFAULTS_SINCE = 2025.3


def capacity(
    table: ScenarioTable, scenarios: Sequence[Scenario], *, utilisation: float | None = None
) -> Floats:
    """Sequences whose cache fits, per rank, shape (n,); `utilisation` in place of the engine's."""
    reserves = np.array([scenario.engine in RESERVING_ENGINES for scenario in scenarios])
    free = np.array([shares_free_memory(scenario) for scenario in scenarios])
    held = table.weight_bytes + RUNTIME_BYTES
    if utilisation is None:
        share = _usual_share(table, scenarios, held, free=free)
    else:
        share = np.full(len(scenarios), utilisation)
    of_all = share * table.memory_bytes - held
    of_free = share * (table.memory_bytes - held)
    tokens = np.maximum(np.where(free, of_free, of_all), 1e6) / table.kv_bytes_per_token
    kept = np.where(reserves, table.inputs + table.outputs, table.context)
    return np.asarray(tokens / kept)


def _usual_share(
    table: ScenarioTable,
    scenarios: Sequence[Scenario],
    held: Floats,
    *,
    free: npt.NDArray[np.bool_],
) -> Floats:
    """u, shape (n,); a share of what is free always leaves something."""
    usual, most = (
        np.array([memory_share(scenario, usual=share) for scenario in scenarios])
        for share in (UTILISATION, TIGHT_UTILISATION)
    )
    left = usual - held / table.memory_bytes
    return np.where(~free & (left < LEAST_CACHE_SHARE), most, usual)


def batch_of(table: ScenarioTable, scenarios: Sequence[Scenario], loads: Sequence[Load]) -> Floats:
    """Sequences that decode together, per rank, shape (n,)."""
    fits = capacity(table, scenarios)
    open_ended = np.array([load.kind in ("offline", "server") for load in loads])
    limit = np.array([_default_batch(scenario) for scenario in scenarios])
    wanted = np.where(np.isnan(table.concurrency), 1.0, table.concurrency)
    wanted = np.where(open_ended & np.isnan(table.concurrency), limit, wanted)
    held = np.minimum(wanted, fits)
    return np.where(wanted < 1.0, wanted, np.maximum(held, 1.0))


def _default_batch(scenario: Scenario) -> float:
    if scenario.engine in RESERVING_ENGINES:
        return LARGE_BATCH
    old = scenario.year is not None and scenario.year < LARGER_DEFAULTS_SINCE
    return SMALL_BATCH if old else MIDDLE_BATCH
