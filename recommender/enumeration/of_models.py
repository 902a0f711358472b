"""Replica kinds of every model that may serve the requests, as one table.

Each model's kinds are sized as if it were alone; a node filled for one model is a kind of node of
its own, so that patterns, simulations and fronts never put two models on one node:

    kinds of node of the table  =  kinds of hardware  x  models

Requests for two models on one node would share its memory and its accelerators' time in ways that
step laws of single models do not know.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recommender.enumeration.enumeration import Enumeration, enumerate_replicas
from recommender.enumeration.market import Market
from recommender.enumeration.rejection import Rejections
from recommender.enumeration.replica_table import ReplicaTable
from recommender.performance.step_law import concatenate
from recommender.request.request import Request


def enumerate_models(request: Request, *, keep_rejections: bool = False) -> Enumeration:
    """Size the request's models; with one of them its own enumeration, with its quality."""
    parts = [
        _with_quality(
            request.of_model(model),
            enumerate_replicas(request.of_model(model), keep_rejections=keep_rejections),
        )
        for model in request.models or (request.model,)
    ]
    if len(parts) == 1:
        return parts[0]
    return Enumeration(
        _joined([part.table for part in parts], request),
        _market(parts),
        _rejections(parts, request),
        sum(part.considered for part in parts),
    )


def _with_quality(request: Request, part: Enumeration) -> Enumeration:
    """Effective quality per replica kind, Q (1 - loss / 100), where Q is known."""
    points = request.qualities.get(request.model.id)
    if points is None:
        return part
    left = np.round(points * (1 - part.table.quality_loss_pct / 100), 9)  # 67.6 stays 67.6
    return replace(part, table=replace(part.table, quality=left))


def _joined(tables: Sequence[ReplicaTable], request: Request) -> ReplicaTable:
    """One table; hardware is listed once per model."""
    filled = [table for table in tables if len(table)]
    offsets = np.cumsum([0, *(len(table.hardware) for table in tables)])
    first = filled[0] if filled else tables[0]
    hardware = tuple(node for table in tables for node in table.hardware)
    models = tuple(
        model.id
        for model, table in zip(request.models, tables, strict=True)
        for _ in table.hardware
    )
    if len(filled) == 0:
        return replace(first, hardware=hardware, models=models)
    index = [t.hardware_index + at for t, at in zip(tables, offsets, strict=False) if len(t)]
    together = {
        name: np.concatenate([getattr(table, name) for table in filled])
        for name in (
            "weights_bytes", "kv_bytes", "overhead_bytes", "accelerators", "nodes",
            "quality_loss_pct",
        )
    }  # fmt: skip
    known = all(table.quality is not None for table in filled)
    return replace(
        first,
        hardware=hardware,
        hardware_index=np.concatenate(index),
        layouts=tuple(layout for table in filled for layout in table.layouts),
        law=concatenate([table.law for table in filled]),
        central_law=concatenate([table.central_law for table in filled]),
        quality_basis=tuple(basis for table in filled for basis in table.quality_basis),
        models=models,
        quality=np.concatenate([t.quality for t in filled if t.quality is not None])
        if known
        else None,
        **together,
    )


def _market(parts: Sequence[Enumeration]) -> Market:
    """Every offer sells its nodes for each model."""
    offsets = np.cumsum([0, *(len(part.table.hardware) for part in parts)])
    kinds = tuple(
        tuple(int(kind + at) for part, at in zip(per_part, offsets, strict=False) for kind in part)
        for per_part in zip(*(part.market.kinds_of_offer for part in parts), strict=True)
    )
    return Market(parts[0].market.offers, kinds)


def _rejections(parts: Sequence[Enumeration], request: Request) -> Rejections:
    """All of them; examples name their model."""
    joined = Rejections()
    for model, part in zip(request.models, parts, strict=True):
        name, own = model.id.rpartition("/")[2], part.rejections
        joined.keep_all |= own.keep_all
        joined.counts.update(own.counts)
        for reason, example in own.examples.items():
            joined.examples.setdefault(reason, f"{name} on {example}")
        joined.rows += [replace(row, detail=f"{name}: {row.detail}") for row in own.rows]
    return joined
