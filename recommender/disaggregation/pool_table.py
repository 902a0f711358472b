"""The replica kinds of a pool: those of the request, once per network that sells their node.

How fast caches move depends on the network of the offer, which for a replica inside a node does
not matter otherwise. So a kind of node becomes one kind per network; offers whose network is not
known cannot be in a pool, nor replicas that share an accelerator. Of engine settings that differ
in nothing a pool needs, one is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.enumeration.market import Market
from recommender.enumeration.replica_table import ReplicaTable
from recommender.layout import Layout
from recommender.performance.step_law import StepLaw

Indices = npt.NDArray[np.intp]
OF_NODES = ("hardware", "models")
"""Fields of the table with one entry per kind of node."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PoolTable:
    """Kinds of one pool.

    Attributes
    ----------
    table
        The kinds, once per network; their law is still the request's.
    rows
        Positions in the request's table that the pool uses, shape (m,).
    row_of
        Kind of the pool -> position in `rows`, shape (n,).
    market
        The offers whose network is known.
    without_network
        Names of the offers that are left out.
    """

    table: ReplicaTable
    rows: Indices
    row_of: Indices
    market: Market
    without_network: tuple[str, ...]


def prefill_rows(table: ReplicaTable) -> Indices:
    """Kinds that differ in what a prefill replica needs: the smallest batch limit of each."""
    best: dict[tuple[object, ...], tuple[int, int]] = {}
    for position, layout in enumerate(table.layouts):
        key = (*table.cut(position), layout.chunk_tokens)
        best[key] = min(best.get(key, (layout.max_batch, position)), (layout.max_batch, position))
    return _positions(position for _, position in best.values())


def decode_rows(table: ReplicaTable) -> Indices:
    """Kinds that differ in what a decode replica needs: the smallest budget that holds a batch.

    With drafts a batch takes their tokens too; where no budget holds it, the largest.
    """
    held = np.broadcast_to(table.law.max_batch, (len(table.layouts),))
    best: dict[tuple[object, ...], tuple[tuple[bool, int], int]] = {}
    for position, layout in enumerate(table.layouts):
        key = (*table.cut(position), layout.max_batch)
        rank = (_budget_rank(layout, float(held[position])), position)
        best[key] = min(best.get(key, rank), rank)
    return _positions(position for _, position in best.values())


def _budget_rank(layout: Layout, held: float) -> tuple[bool, int]:
    """By the batch that the law holds of the layout's, which drafts make smaller [count]."""
    short = min(float(layout.chunk_tokens), held) < layout.max_batch
    return short, -layout.chunk_tokens if short else layout.chunk_tokens


def _positions(found: Iterable[int]) -> Indices:
    return np.asarray(sorted(found), dtype=np.intp)


def pool_table(table: ReplicaTable, market: Market, rows: Indices) -> PoolTable:
    """The kinds at `rows` on every network that they are sold with."""
    kinds: dict[tuple[int, float], int] = {}
    offers, kinds_of_offer, unknown = [], [], []
    for offer, of_offer in zip(market.offers, market.kinds_of_offer, strict=True):
        inside = [
            k
            for k in of_offer
            if table.hardware[k].network_gb_per_s is None and table.hardware[k].sharing is None
        ]
        if offer.network_gb_per_s is None:
            unknown.append(offer.name)
            continue
        keys = [(kind, offer.network_gb_per_s) for kind in inside]
        offers.append(offer)
        kinds_of_offer.append(tuple(kinds.setdefault(key, len(kinds)) for key in keys))
    hardware = tuple(
        replace(table.hardware[kind], network_gb_per_s=network) for kind, network in kinds
    )
    row_kind = table.hardware_index[rows]
    parts = [np.flatnonzero(row_kind == kind) for kind, _ in kinds]
    row_of = np.concatenate([np.empty(0, dtype=np.intp), *parts])
    index = np.repeat(np.arange(len(parts), dtype=np.intp), [len(part) for part in parts])
    return PoolTable(
        table=replace(taken(table, rows[row_of]), hardware=hardware, hardware_index=index),
        rows=rows,
        row_of=row_of,
        market=Market(tuple(offers), tuple(kinds_of_offer)),
        without_network=tuple(unknown),
    )


def taken(table: ReplicaTable, at: Indices) -> ReplicaTable:
    """The kinds at these positions: every field that has one entry per kind, not per node."""
    parts: dict[str, Any] = {}
    for name in (field.name for field in fields(table) if field.name not in OF_NODES):
        value = getattr(table, name)
        if isinstance(value, StepLaw):
            parts[name] = value.take(at)
        elif isinstance(value, np.ndarray):
            parts[name] = value[at]
        elif isinstance(value, tuple) and len(value) == len(table):
            parts[name] = tuple(value[int(i)] for i in at)
    return replace(table, **parts)
