"""Every deployment that hardware and model allow, sized once; what is left out says why.

    hardware of the offers  x  cut (tp, pp, adp, ep)  x  precision  x  KV precision
        -> rejected with a reason and a number, or
        -> batch limits x chunk budgets, with step law and memory, as one table

Prices play no part. Offers that sell equal hardware share its replica kinds: `market` joins
them afterwards.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from math import isnan

import numpy as np
import numpy.typing as npt

from catalog.calibration import load_calibration
from catalog.schema import Offer, Support
from recommender.confidence import confidence_factor
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.layout_space import engine_settings, parallel_cuts
from recommender.market import Market
from recommender.performance.layout_table import layout_table
from recommender.performance.memory import MemoryTable, memory_of_table
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import moments
from recommender.performance.roofline import replica_laws
from recommender.performance.step_law import StepLaw, concatenate
from recommender.performance.validity import memory_refusal, validity
from recommender.rejection import Rejection
from recommender.replica_table import ReplicaTable
from recommender.request import Request
from recommender.units import GIB

LONGEST_DETAIL = 200
ROOM_FOR_WEIGHTS = 0.85
"""Share of the claimed memory beyond which weights leave no useful cache on one node."""


@dataclass(slots=True)
class Rejections:
    """Counts per reason, one example each, and all of them when asked for."""

    keep_all: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    rows: list[Rejection] = field(default_factory=list)

    def add(self, hardware: Hardware, layout: Layout, reason: str, detail: str) -> None:
        """Count one rejection; the first of a reason stays as its example."""
        self.counts[reason] += 1
        name = f"{hardware.accelerator.name} x{hardware.node_accelerators}"
        self.examples.setdefault(reason, f"{name}: {detail}"[:LONGEST_DETAIL])
        if self.keep_all:
            self.rows.append(Rejection(name, layout, reason, detail))


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The sized replica kinds, the market that sells their hardware, and what was left out."""

    table: ReplicaTable
    market: Market
    rejections: Rejections
    considered: int


def enumerate_replicas(request: Request, *, keep_rejections: bool = False) -> Enumeration:
    """Size every layout on every kind of hardware that the request's offers sell."""
    hardware, kinds_of_offer = _hardware_of(request)
    rejections = Rejections(keep_rejections)
    parts: list[tuple[int, _Sized]] = []
    considered = 0
    for index, node in enumerate(hardware):
        cuts = _cuts(request, node)
        layouts: list[Layout] = []
        for formats in product(request.precisions, request.kv_precisions):
            considered += len(cuts)
            layouts.extend(_allowed(request, node, cuts, formats, rejections))
        if layouts:
            sized = _sized(request, node, layouts)
            _reject_unfit(request, node, sized, rejections)
            parts.append((index, sized))
    table = _table(request, hardware, [part for part in parts if len(part[1].fits)])
    return Enumeration(table, Market(request.offers, kinds_of_offer), rejections, considered)


def _hardware_of(request: Request) -> tuple[tuple[Hardware, ...], tuple[tuple[int, ...], ...]]:
    """Distinct kinds of node; per offer, its kind for replicas inside it and for spanning ones."""
    index: dict[tuple[str, int, float | None], int] = {}
    hardware: list[Hardware] = []

    def kind(offer: Offer, network: float | None) -> int:
        key = (offer.accelerator, offer.node_accelerators, network)
        if key not in index:
            index[key] = len(hardware)
            accelerator = request.catalog.accelerators[offer.accelerator]
            hardware.append(Hardware(accelerator, offer.node_accelerators, network))
        return index[key]

    joined = []
    for offer in request.offers:
        kinds = [kind(offer, None)]
        if offer.network_gb_per_s:
            kinds.append(kind(offer, offer.network_gb_per_s))
        joined.append(tuple(kinds))
    return tuple(hardware), tuple(joined)


def _cuts(request: Request, node: Hardware) -> list[Layout]:
    """Cuts of this kind of node: those inside it, or, for kinds with a network, those that span."""
    spanning = node.network_gb_per_s is not None
    reach = max(node.node_accelerators, node.domain)
    return [
        cut
        for cut in parallel_cuts(request.model, node, request.engine)
        if (cut.accelerators > reach) == spanning
    ]


def _allowed(
    request: Request,
    node: Hardware,
    cuts: list[Layout],
    formats: tuple[str, str],
    rejections: Rejections,
) -> Iterator[Layout]:
    """The cuts in these (weight, KV) formats that can run, with all engine settings."""
    precision, kv_precision = formats
    refused = _format_refusal(request, node, precision, kv_precision)
    for cut in cuts:
        layout = replace(cut, precision=precision, kv_precision=kv_precision)
        reason = refused or _cut_refusal(request, node, layout)
        if reason is None:
            yield from engine_settings(cut, precision, kv_precision)
        else:
            rejections.add(node, layout, *reason)


def _support(request: Request, node: Hardware, precision: str) -> Support:
    return request.catalog.support(request.engine.name, node.accelerator.name, precision)


def _format_refusal(
    request: Request, node: Hardware, precision: str, kv_precision: str
) -> tuple[str, str] | None:
    """Why these formats are out on this accelerator, whatever the cut."""
    catalog, engine, name = request.catalog, request.engine.name, node.accelerator.name
    support = _support(request, node, precision)
    if support.mode == "none":
        return "precision", f"{engine} does not run {precision} here ({support.source})"
    if _emulated_by_default(request, precision, support):
        return "precision", f"{precision} is weight-only here; --precision asks for it"
    if not catalog.kv_supported(engine, name, kv_precision):
        return "kv precision", f"{engine} holds no {kv_precision} KV cache here"
    loss, _ = _quality_loss(request, precision, kv_precision)
    limit = request.spec.max_quality_loss * 100
    if isnan(loss):
        return "quality", f"loss of {precision}/{kv_precision} is not measured"
    if loss > limit:
        return "quality", f"{precision}/{kv_precision}: loss {loss:.1f} % > {limit:.1f} % allowed"
    return None


def _cut_refusal(request: Request, node: Hardware, layout: Layout) -> tuple[str, str] | None:
    """Why this cut is out, before any memory or time is computed."""
    if layout.pp > 1 and layout.accelerators > node.node_accelerators:
        weights, held = _one_node_gib(request, node, layout.precision)
        if weights <= held:
            return "span", f"one node holds the weights: {weights:.0f} GiB <= {held:.0f} GiB"
    refusal = validity(
        model=request.model,
        layout=layout,
        hardware=node,
        engine=request.engine,
        precision=request.catalog.precision(layout.precision),
        support=_support(request, node, layout.precision),
    )
    return None if refusal is None else (refusal.reason, refusal.detail)


def _one_node_gib(request: Request, node: Hardware, precision: str) -> tuple[float, float]:
    """Weights of the model, and what one node can claim for them with room for a cache [GiB]."""
    weights = request.model.total_params_b * 1e9 * request.catalog.precision(precision).weight_bits
    claimed = node.accelerator.memory_bytes * request.engine.memory_utilisation
    return weights / 8 / GIB, node.node_accelerators * claimed * ROOM_FOR_WEIGHTS / GIB


def _emulated_by_default(request: Request, precision: str, support: Support) -> bool:
    """The default precisions take a format other than the native one only where it is native."""
    return (
        not request.spec.precision
        and precision != request.model.native_precision
        and support.mode != "native"
    )


def _quality_loss(request: Request, precision: str, kv_precision: str) -> tuple[float, str]:
    model = request.model
    loss = request.catalog.quality_loss(
        precision, kv_precision, model.family, model.native_precision, model.native_kv_precision
    )
    return loss.loss_pct, loss.basis


@dataclass(frozen=True, slots=True)
class _Sized:
    """Layouts of one kind of node with their memory and laws; `fits` are usable positions."""

    layouts: list[Layout]
    memory: MemoryTable
    law: StepLaw
    fits: npt.NDArray[np.intp]


def _sized(request: Request, node: Hardware, layouts: list[Layout]) -> _Sized:
    catalog, lengths = request.catalog, request.workload.lengths
    support = {p: _support(request, node, p) for p in {x.precision for x in layouts}}
    table = layout_table(
        layouts, accelerator=node.accelerator, precisions=catalog.precisions, support=support
    )
    memory = memory_of_table(
        shape=model_shape(request.model),
        hardware=node,
        table=table,
        engine=request.engine,
        context_tokens=moments(lengths).context_tokens,
    )
    law = replica_laws(
        model=request.model,
        hardware=node,
        layouts=table,
        engine=request.engine,
        support=support,
        precisions=catalog.precisions,
        lengths=lengths,
        calibration=load_calibration(),
        memory=memory,
    )
    fits = np.flatnonzero((memory.kv_bytes > 0) & (memory.kv_tokens >= lengths.longest))
    return _Sized(layouts, memory, law, fits)


def _reject_unfit(request: Request, node: Hardware, sized: _Sized, rejections: Rejections) -> None:
    """Count what does not fit into memory, once per cut and precision."""
    longest = request.workload.lengths.longest
    fitting = {_cut(sized.layouts[int(i)]) for i in sized.fits}
    seen = set(fitting)
    for position, layout in enumerate(sized.layouts):
        if _cut(layout) in seen:
            continue
        seen.add(_cut(layout))
        refusal = memory_refusal(sized.memory, position)
        if refusal is not None:
            rejections.add(node, layout, refusal.reason, refusal.detail)
        else:
            held = sized.memory.kv_tokens[position]
            detail = f"KV cache {held:,.0f} tokens < longest request {longest:,}"
            rejections.add(node, layout, "kv cache", detail)


def _formats(layout: Layout) -> tuple[str, str]:
    return layout.precision, layout.kv_precision


def _cut(layout: Layout) -> tuple[object, ...]:
    return (*_formats(layout), layout.tp, layout.pp, layout.adp, layout.ep)


def _table(
    request: Request, hardware: tuple[Hardware, ...], parts: list[tuple[int, _Sized]]
) -> ReplicaTable:
    if not parts:
        return _empty_table(hardware)
    layouts = [sized.layouts[int(i)] for _, sized in parts for i in sized.fits]
    law = concatenate([sized.law.take(sized.fits) for _, sized in parts])
    index = np.concatenate([np.full(len(s.fits), i, dtype=np.intp) for i, s in parts])
    accelerators = np.asarray([x.accelerators for x in layouts], dtype=np.intp)
    per_node = np.asarray([hardware[i].node_accelerators for i in index], dtype=np.intp)
    losses = {formats: _quality_loss(request, *formats) for formats in set(map(_formats, layouts))}
    return ReplicaTable(
        hardware=hardware,
        hardware_index=index,
        layouts=tuple(layouts),
        law=law.slower(confidence_factor(law.rel_error, confidence=request.spec.confidence)),
        central_law=law,
        weights_bytes=np.concatenate([s.memory.weight_bytes[s.fits] for _, s in parts]),
        kv_bytes=np.concatenate([s.memory.kv_bytes[s.fits] for _, s in parts]),
        overhead_bytes=np.concatenate([s.memory.overhead_bytes[s.fits] for _, s in parts]),
        accelerators=accelerators,
        nodes=-(-accelerators // per_node),
        quality_loss_pct=np.asarray([losses[_formats(x)][0] for x in layouts]),
        quality_basis=tuple(losses[_formats(x)][1] for x in layouts),
    )


def _empty_table(hardware: tuple[Hardware, ...]) -> ReplicaTable:
    none, zero = np.empty(0), np.empty(0, dtype=np.intp)
    law = StepLaw(
        a=none, b=none, g=none, d=none, q=none, max_batch=none, kv_tokens=none, chunk_tokens=none
    )
    return ReplicaTable(
        hardware=hardware,
        hardware_index=zero,
        layouts=(),
        law=law,
        central_law=law,
        weights_bytes=none,
        kv_bytes=none,
        overhead_bytes=none,
        accelerators=zero,
        nodes=zero,
        quality_loss_pct=none,
        quality_basis=(),
    )
