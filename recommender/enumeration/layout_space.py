"""Which layouts are worth sizing on a kind of node: the grid, before any check that they fit.

tp is a power of two inside the scale-up domain (or, over PCIe, inside the node). Within a node
pp, adp and ep fill what tp leaves. A replica that spans nodes takes whole nodes: stages of a
pipeline with one node each (only for models that one node cannot hold: nobody runs a small
model across a network), or attention ranks of an MoE over all its nodes.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from catalog.schema import Engine, LanguageModel
from recommender.hardware import Hardware
from recommender.layout import Layout

MAX_BATCH = (256, 1024)
"""vLLM's --max-num-seqs: its default on small and on large accelerators."""
CHUNK_TOKENS = (512, 2048, 8192)
"""vLLM's --max-num-batched-tokens: for tight ITL targets, its old and its new default."""
SMALL_BUDGETS = (128, 256)
"""Token budgets, each with as small a batch, that are tried where gaps are limited: a prompt beside
decodes lengthens their step by its chunk (Sarathi-Serve, Agrawal et al. 2024). `itl_chunks` finds
larger ones for the usual batches."""
MOST_NODES = 4
"""Nodes of one replica. Beyond, the failure of a node takes a large share of the capacity."""
WIDEST_TP = 16


def parallel_cuts(model: LanguageModel, hardware: Hardware, engine: Engine) -> Iterator[Layout]:
    """Layouts that differ in tp, pp, adp and ep only (precisions and settings left open)."""
    for tp, pp, adp in _degrees(hardware):
        if pp > 1 and not engine.pipeline_parallel:
            continue
        if adp > 1 and (pp > 1 or not (model.is_moe and engine.attention_data_parallel)):
            continue
        shards = {1, tp * adp} if model.is_moe and engine.expert_parallel and pp == 1 else {1}
        for ep in sorted(shards):
            yield Layout("", "", tp=tp, pp=pp, adp=adp, ep=ep)


def _degrees(hardware: Hardware) -> Iterator[tuple[int, int, int]]:
    """(tp, pp, adp) inside one node or scale-up domain, then those that span nodes."""
    node = hardware.node_accelerators
    reach = max(node, hardware.domain)
    seen: set[tuple[int, int, int]] = set()
    for tp, pp, adp in product(_powers(min(reach, WIDEST_TP)), (1, 2, 4), _powers(min(reach, 16))):
        if tp * pp * adp <= reach and _whole_nodes(tp * pp * adp, node):
            seen.add((tp, pp, adp))
    if hardware.network_gb_per_s is not None:
        for nodes in range(2, MOST_NODES + 1):
            seen.add((node, nodes, 1))
            seen |= {(tp, 1, node * nodes // tp) for tp in _powers(node) if node % tp == 0}
    return iter(sorted(seen))


def _powers(most: int) -> list[int]:
    return [2**i for i in range(most.bit_length()) if 2**i <= most]


def _whole_nodes(accelerators: int, node: int) -> bool:
    return accelerators <= node or accelerators % node == 0


@lru_cache(maxsize=4096)
def engine_settings(
    cut: Layout, precision: str, kv_precision: str, *, short_gaps: bool = False
) -> tuple[Layout, ...]:
    """The cut with every batch limit and chunk budget, in these precisions.

    With `short_gaps` small budgets as well, each with a batch that fits into it, as vLLM asks.
    """
    small = [(budget, budget) for budget in SMALL_BUDGETS] if short_gaps else []
    return tuple(
        Layout(
            precision,
            kv_precision,
            tp=cut.tp,
            pp=cut.pp,
            adp=cut.adp,
            ep=cut.ep,
            max_batch=max_batch,
            chunk_tokens=chunk,
        )
        for max_batch, chunk in (*small, *product(MAX_BATCH, CHUNK_TOKENS))
    )
