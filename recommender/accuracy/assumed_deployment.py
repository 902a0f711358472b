"""What a row leaves open of its deployment, and what is taken instead, one phrase each.

engine       the mean of all engines
degrees      of models with experts: no expert parallelism, one attention rank
nodes        as many accelerators on each as the catalogue says, where it matters: groups beyond a
             node, figures per node
cache        in 8 bits beside 8- and 4-bit weights in TensorRT-LLM and TensorRT, else in 16
drafts       a layer of the model makes them, as in plans; the share of them that is accepted, and
             what they cost (`assumed_drafts`)
memory       the share that the engine claims, where the cache is what was measured
"""

import re
from collections.abc import Iterator

from recommender.accuracy.assumed_drafts import drafts_in_words
from recommender.accuracy.load import Load
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.own_engine import RESERVING_ENGINES, memory_share
from recommender.accuracy.quantity import Name, Quantity
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.stated_share import usual_share
from recommender.units import BITS_PER_BYTE

_DRAFTER = re.compile(r"\bmtp\b|eagle|multi-token prediction", re.IGNORECASE)
OF_ALL_ENGINES: tuple[Name, ...] = ("weights", "file_size", "non_torch")
OF_A_CACHE: tuple[Name, ...] = ("kv_memory", "kv_half", "kv_tokens", "kv_blocks")
WITHOUT_DRAFTS: tuple[Name, ...] = (
    "prefill", "prefill_rate", "ttft", "decode", "decode_rate", "decode_empty", "context_slope",
)  # fmt: skip


def assumed_deployment(
    row: Measurement, quantity: Quantity, scenario: Scenario, load: Load
) -> Iterator[str]:
    """What is assumed of the deployment beyond its cut and names."""
    if quantity.name == "file_size":
        return
    if row.engine in ("", "UNSET") and quantity.name not in OF_ALL_ENGINES:
        yield "engine not reported: as the mean of all"
    yield from _degrees(row, scenario)
    yield from _nodes(row, quantity, scenario)
    if scenario.engine in RESERVING_ENGINES and not row.kv_precision:
        yield f"cache in {scenario.kv_bytes * BITS_PER_BYTE:g} bits (not reported)"
    if (
        scenario.options.gain_assumed
        and row.kind != "memory"
        and quantity.name not in WITHOUT_DRAFTS
    ):
        yield drafts_in_words(load.speculated_tokens)
    if scenario.options.speculation and not _DRAFTER.search(row.notes):
        yield "drafts made by one layer of the model (not reported)"
    if quantity.name in OF_A_CACHE and scenario.options.memory_share is None:
        share = memory_share(scenario, usual=usual_share(scenario.engine))
        yield f"memory share {share:g} (not reported)"


def _degrees(row: Measurement, scenario: Scenario) -> Iterator[str]:
    """Degrees of models with experts; what one accelerator holds is not cut."""
    if not scenario.model.is_moe or scenario.tp * scenario.adp <= 1:
        return
    if "attention dp" in row.notes.casefold():
        return
    blank = [f"ep {scenario.ep:g}"] if row.ep is None else []
    blank += [f"attention dp {scenario.adp:g}"] if row.dp is None else []
    if blank:
        yield f"{', '.join(blank)} (not reported)"


def _nodes(row: Measurement, quantity: Quantity, scenario: Scenario) -> Iterator[str]:
    usual = max(scenario.accelerator.accelerators_per_node, 1)
    group = scenario.tp * scenario.pp * scenario.adp
    matters = group > usual or quantity.per == "node"
    if row.nodes is None and scenario.accelerators > usual and matters:
        yield f"nodes not reported: {usual} accelerator{'s' * (usual > 1)} on each"
