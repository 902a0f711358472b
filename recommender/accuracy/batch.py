"""Sequences in flight per attention rank, where the load leaves that to the engine.

    offline   min(N, K / c)           c: mean context; all of it is reserved by TensorRT-LLM
    reported  min(reported, N', K/c)  more than fit wait, they do not decode
    K = (u*M - W - R) / k             of TensorRT-LLM u*(M - W - R) / k
    K = kv / k                        where u is stated: as memory rows have it (`kv_pool`)

Symbol  Meaning                                                            Unit
N       most sequences of a batch by default: 2048 TensorRT-LLM, 1024 vLLM
        since 2025 and SGLang, 256 before                                  count
N'      the same as stated, and no more than a stated budget of tokens has  count
        room for; infinite otherwise
K, k    capacity of the cache; bytes per token, of layers with a window    tokens, B
        only those within it
u       share of the memory M that engines claim, TensorRT-LLM of what     1
        is free after loading (`free_gpu_memory_fraction`): 0.9, 0.97
        where that would leave hardly any cache, or that of an overlay
W, R    weights; activations and runtime, 3 GB                             B

Where u is not stated, 0.9 and 3 GB are a guess of both, which the constants were fitted with.
Start-up logs have activations and runtime of 2 to 11 GB (`kv_pool`; the caches of 32 published logs
are met within 0.3 %, with 3 GB within 2.4 %), and 0.9 stated holds less than 0.9 assumed where the
cache is tight: of gpt-oss-120b on one H100 half. Yet with those in place of 3 GB the 192 published
throughputs that change would be off by 36 % in place of 14 %: submitters claim more than 0.9.
Tokens that engines print are fewer still where layers have windows, since they count each token in
all layers (`memory_amounts`); the sequences that fit are meant here.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.accuracy.kv_pool import kv_pool
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
    """Sequences that an engine holds, per rank, shape (n,): cache and stated limits allow them.

    `utilisation` in place of the engine's, where the row states none.
    """
    fits = cached_sequences(table, scenarios, utilisation=utilisation)
    return np.asarray(np.minimum(fits, stated_places(table)))


def stated_places(table: ScenarioTable) -> Floats:
    """N', shape (n,): infinite where the row states no limit."""
    verified = (1.0 + table.drafts) * table.decodes_in_budget
    budget = np.where(verified > 0, table.step_tokens / np.maximum(verified, 1.0), np.nan)
    return np.maximum(np.fmin(table.most_sequences, budget), 1.0)


def cached_sequences(
    table: ScenarioTable, scenarios: Sequence[Scenario], *, utilisation: float | None = None
) -> Floats:
    """Sequences whose cache fits, per rank, shape (n,)."""
    reserves = np.array([scenario.engine in RESERVING_ENGINES for scenario in scenarios])
    free = np.array([shares_free_memory(scenario) for scenario in scenarios])
    held = table.weight_bytes + RUNTIME_BYTES
    if utilisation is None:
        share = _usual_share(table, scenarios, held, free=free)
    else:
        share = np.full(len(scenarios), utilisation)
    of_all = share * table.memory_bytes - held
    of_free = share * (table.memory_bytes - held)
    left = _as_stated(scenarios, np.where(free, of_free, of_all))
    tokens = np.maximum(left, 1e6) / table.kv_bytes_per_token
    kept = np.where(reserves, table.inputs + table.outputs, table.context)
    return np.asarray(tokens / kept)


def _as_stated(scenarios: Sequence[Scenario], left: Floats) -> Floats:
    """`left` for the cache, but what the engine makes of the share where one is stated [B]."""
    stated = [scenario.options.memory_share is not None for scenario in scenarios]
    pools = [
        kv_pool(scenario).kv if own else 0.0
        for scenario, own in zip(scenarios, stated, strict=True)
    ]
    return np.where(stated, pools, left)


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
    default = np.array([_default_batch(scenario) for scenario in scenarios])
    limit = np.where(np.isfinite(table.most_sequences), table.most_sequences, default)
    wanted = np.where(np.isnan(table.concurrency), 1.0, table.concurrency)
    wanted = np.where(open_ended & np.isnan(table.concurrency), limit, wanted)
    held = np.minimum(wanted, fits)
    return np.where(wanted < 1.0, wanted, np.maximum(held, 1.0))


def _default_batch(scenario: Scenario) -> float:
    if scenario.engine in RESERVING_ENGINES:
        return LARGE_BATCH
    old = scenario.year is not None and scenario.year < LARGER_DEFAULTS_SINCE
    return SMALL_BATCH if old else MIDDLE_BATCH
