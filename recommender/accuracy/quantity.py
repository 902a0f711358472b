"""What a row's metric asks for, and in which unit.

    value = quantity / share * unit

Quantities of time are in seconds, rates in tokens per second of the whole system, memory in
bytes per accelerator, power in watts of all accelerators; `per` divides rates by accelerators or
nodes where the metric (`_per_gpu`) or the unit (`tok/s/gpu`) says so. A unit of another quantity,
or a metric of another kind than the row's, is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recommender.accuracy.measurement import Measurement
from recommender.units import GB, GIB, MILLI

Name = Literal[
    "output_rate", "total_rate", "input_rate", "request_rate", "decode_rate", "prefill_rate",
    "prefill", "ttft", "decode", "tpot", "itl", "context_slope", "decode_empty", "e2e",
    "weights", "kv_memory", "kv_tokens", "kv_blocks", "kv_half", "activations", "non_torch",
    "memory_used", "file_size", "power_all", "power_one", "power_share", "power_node",
    "energy",
]  # fmt: skip


Share = Literal["system", "accelerator", "node"]
_SHARES: Mapping[str, Share] = {"gpu": "accelerator", "node": "node"}
_MLPERF_RATE = r".*Queries/s"
"""MLPerf prints tokens per second under this name."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A name, what it is divided by, and how many of the row's unit are one of ours."""

    name: Name
    per: Share
    unit: float


_METRICS: tuple[tuple[str, Name], ...] = (
    (r"total_tokens_per_s_in_plus_out|total_token_throughput", "total_rate"),
    (r"input_tokens_per_s", "input_rate"),
    (r"samples_per_s_.*|request_throughput", "request_rate"),
    (_MLPERF_RATE, "output_rate"),
    (r"decode_tok_per_s.*", "decode_rate"),
    (r"prefill_tok_per_s.*", "prefill_rate"),
    (r"(total_)?output_(throughput|tokens_per_s).*", "output_rate"),
    (r"(prompt_time|first_token_latency|ttft_static_batch)", "prefill"),
    (r"ttft_(mean|median|p50|avg)", "ttft"),
    (r"token_time", "decode"),
    (r"(itl_median|median_itl)", "itl"),
    (r"itl_intercept_at_zero_context", "decode_empty"),
    (r"itl_slope_per_context_token", "context_slope"),
    (r"(tpot|itl)_(mean|median|p50|avg)", "tpot"),
    (r"(singlestream_Latency.*|e2e.*|latency.*)", "e2e"),
    (r"model_weights_per_gpu", "weights"),
    (r"weights_file_size", "file_size"),
    (r"kv_cache_memory_per_gpu", "kv_memory"),
    (r"kv_k_cache_per_gpu", "kv_half"),
    (r"kv_cache_tokens", "kv_tokens"),
    (r"kv_cache_blocks_16tok", "kv_blocks"),
    (r"activation_peak_per_gpu", "activations"),
    (r"non_torch_memory_per_gpu", "non_torch"),
    (r"gpu_memory_used", "memory_used"),
    (r"energy_per_output_token", "energy"),
    (r"gpu_power_avg_all_gpus", "power_all"),
    (r"gpu_power_avg", "power_one"),
    (r"system_wall_power_avg", "power_node"),
    (r"average_power_fraction_of_tdp", "power_share"),
)
_TIMES = {"ms": 1 / MILLI, "s": 1.0, "us": 1e6, "latency (ms)": 1e3}
_TOKEN_TIMES = {**_TIMES, "ms/token": 1 / MILLI}
_TOKEN_RATES = {"tok/s": 1.0, "tok/s/gpu": 1.0, "tok/s/node": 1.0, "tokens/s": 1.0}
_REQUEST_RATES = dict.fromkeys(("req/s", "requests/s", "samples/s", "queries/s", "seq/s"), 1.0)
_BYTES = {
    "gib": 1 / GIB, "gb": 1 / GB, "gb (gib in fact)": 1 / GIB, "mb": 1 / 2**20, "mib": 1 / 2**20,
}  # fmt: skip
_WATTS = {"w": 1.0, "mw": 1e3, "kw": 1e-3}
_UNITS: Mapping[Name, Mapping[str, float]] = {
    **dict.fromkeys(("prefill", "ttft", "e2e"), _TIMES),
    **dict.fromkeys(("decode", "tpot", "itl", "context_slope", "decode_empty"), _TOKEN_TIMES),
    **dict.fromkeys(
        ("output_rate", "total_rate", "input_rate", "decode_rate", "prefill_rate"), _TOKEN_RATES
    ),
    "request_rate": _REQUEST_RATES,
    **dict.fromkeys(
        ("weights", "file_size", "kv_memory", "kv_half", "activations", "non_torch", "memory_used"),
        _BYTES,
    ),
    "kv_tokens": {"tokens": 1.0},
    "kv_blocks": {"blocks": 1.0},
    **dict.fromkeys(("power_all", "power_one", "power_node"), _WATTS),
    "power_share": {"fraction": 1.0},
    "energy": {"j/tok": 1.0},
}  # fmt: skip
"""How many of each unit are one of ours, by quantity."""
_KINDS: Mapping[str, tuple[Name, ...]] = {
    "throughput": (
        "output_rate", "total_rate", "input_rate", "request_rate", "decode_rate", "prefill_rate",
    ),
    "ttft": ("prefill", "ttft"),
    "tpot": ("decode", "tpot", "itl", "context_slope", "decode_empty"),
    "e2e": ("e2e",),
    "memory": (
        "weights", "file_size", "kv_memory", "kv_half", "kv_tokens", "kv_blocks", "activations",
        "non_torch", "memory_used",
    ),
    "power": ("power_all", "power_one", "power_node", "power_share", "energy"),
}  # fmt: skip
_USUAL = {
    "throughput": "output_throughput, total_token_throughput, request_throughput",
    "ttft": "ttft_mean, ttft_p50, ttft_static_batch",
    "tpot": "tpot_mean, itl_mean, itl_median",
    "e2e": "e2e_mean",
    "memory": "model_weights_per_gpu, kv_cache_memory_per_gpu, kv_cache_tokens",
    "power": "gpu_power_avg, gpu_power_avg_all_gpus, energy_per_output_token",
}
_UNPREDICTABLE = re.compile(r".*_p9\d|.*_p999")
_OTHER_STATISTIC = re.compile(r".*_(max|maximum|min|minimum|std|stddev|stdev|p(?!50$)\d[\d.]*)")
_OTHER_PART = re.compile(r"[_ ]per[_ ](?!s(?:ec|econd)?(?:_|$))(\w+)")
"""What is left of a rate once `_per_gpu` and `_per_node` are off: `_per_user`, `_per_chip`."""
_CAPPED = re.compile(r"power-capped|power cap", re.IGNORECASE)


def quantity_of(row: Measurement) -> Quantity | str:
    """The quantity of a row, or why it cannot be predicted."""
    if row.kind == "training":
        return "training speed is not predicted"
    if _UNPREDICTABLE.match(row.metric):
        return f"{row.metric}: the arrivals behind a tail percentile are not reported"
    if _OTHER_STATISTIC.fullmatch(row.metric):
        return f"{row.metric}: means and medians are predicted, no extremes and no spread"
    if row.metric == "system_wall_power_peak":
        return "the host of a desktop computer is not described, nor its peak predicted"
    if row.kind == "power" and _CAPPED.search(row.notes):
        return "the cap on the accelerators' power is not reported"
    metric, per = _share(row)
    part = _OTHER_PART.search(metric) if row.kind in ("throughput", "e2e") else None
    if part or _is_contradicted(row, per):
        return _part_of_a_rate(row, part)
    for pattern, name in _METRICS:
        if re.fullmatch(pattern, metric):
            unit = _unit(row, name, pattern)
            return unit if isinstance(unit, str) else Quantity(name, per, unit)
    return f"metric {row.metric!r} is not known; of {row.kind} are {_USUAL[row.kind]}"


def _share(row: Measurement) -> tuple[str, Share]:
    """The metric of the whole, and whose share of it the row states, in the metric or the unit."""
    if row.kind == "throughput":
        for ending, per in _SHARES.items():
            if row.metric.endswith(f"_per_{ending}"):
                return row.metric.removesuffix(f"_per_{ending}"), per
            if row.unit.casefold().endswith(f"/{ending}"):
                return row.metric, per
    return row.metric, "system"


def _is_contradicted(row: Measurement, per: Share) -> bool:
    """Whether the unit divides by something else than the metric does."""
    stated = row.unit.casefold().rpartition("/")[2]
    return row.kind == "throughput" and _SHARES.get(stated, per) != per


def _part_of_a_rate(row: Measurement, part: re.Match[str] | None) -> str:
    if row.kind == "e2e":
        return f"metric {row.metric!r} is not of whole answers; of e2e is {_USUAL['e2e']}"
    if part is None or part[1] in _SHARES:
        return f"metric {row.metric!r} and unit {row.unit!r} are shares of different things"
    one = part[1] in ("user", "request", "sequence", "stream", "client")
    hint = "; the inverse is a time per token, kind tpot" if one else ""
    return f"metric {row.metric!r}: known shares of a rate are _per_gpu and _per_node{hint}"


def _unit(row: Measurement, name: Name, pattern: str) -> float | str:
    """How many of the row's unit are one of ours, or why it is none of this quantity."""
    if name not in _KINDS[row.kind]:
        return f"metric {row.metric!r} is not of kind {row.kind}"
    units = _REQUEST_RATES if pattern == _MLPERF_RATE else _UNITS[name]
    unit = units.get(row.unit.casefold()) if row.unit != "MW" else None  # mW are a billionth
    if unit is None:
        known = ", ".join(units).replace("mw", "mW")
        return f"unit {row.unit!r} is none of {row.metric}; known are {known}"
    return unit
