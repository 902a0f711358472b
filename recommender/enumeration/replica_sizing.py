"""Layouts of one kind of node with memory and step laws, joined into the replica table."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.calibration import Kind
from recommender.enumeration.confidence import confidence_factor
from recommender.enumeration.refusal import quality_loss_of, support_of
from recommender.enumeration.rejection import Rejections
from recommender.enumeration.replica_table import ReplicaTable
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.constants import constants_of
from recommender.performance.layout_table import layout_table
from recommender.performance.memory import MemoryTable, memory_of_table
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import moments
from recommender.performance.roofline import replica_laws
from recommender.performance.shared_law import sliced, time_shared
from recommender.performance.speculation import Speculation
from recommender.performance.step_law import StepLaw, concatenate
from recommender.performance.validity import memory_refusal
from recommender.request.own_constants import calibration_of
from recommender.request.request import Request


@dataclass(frozen=True, slots=True)
class SizedLayouts:
    """Layouts of one kind of node with their memory and laws; `fits` are usable positions."""

    layouts: list[Layout]
    memory: MemoryTable
    law: StepLaw
    fits: npt.NDArray[np.intp]


def size_layouts(request: Request, node: Hardware, layouts: list[Layout]) -> SizedLayouts:
    """Memory and step laws of layouts on one kind of node, computed together."""
    catalog, lengths = request.catalog, request.workload.lengths
    speculation = Speculation(*(request.spec.speculative or (0, 1.0)))
    support = {p: support_of(request, node, p) for p in {x.precision for x in layouts}}
    table = layout_table(
        layouts, accelerator=node.accelerator, precisions=catalog.precisions, support=support
    )
    memory = memory_of_table(
        shape=model_shape(request.model),
        hardware=node,
        table=table,
        engine=request.engine,
        context_tokens=moments(lengths).context_tokens,
        draft_layers=speculation.draft_layers,
    )
    law = replica_laws(
        model=request.model,
        hardware=node,
        layouts=table,
        engine=request.engine,
        support=support,
        precisions=catalog.precisions,
        lengths=lengths,
        calibration=calibration_of(request.spec),
        memory=memory,
        speculation=speculation,
    )
    if request.spec.basis == "measured":
        law = _measured(law, request, node, layouts)
    law = _shared(law, request, node)
    fits = np.flatnonzero((memory.kv_bytes > 0) & (memory.kv_tokens >= lengths.longest))
    return SizedLayouts(layouts, memory, law, fits)


def _measured(law: StepLaw, request: Request, node: Hardware, layouts: list[Layout]) -> StepLaw:
    """Laws from measured operators where there are any; imports them only here."""
    from recommender.performance.layered import layered_laws
    from recommender.performance.measured import check_installed, step_times

    check_installed()
    model, engine = request.model, request.engine.name
    return layered_laws(
        law,
        layouts,
        lambda layout: step_times(model, node, layout, engine),
        moments=moments(request.workload.lengths),
        calibration=calibration_of(request.spec),
        engine=f"{engine} {'moe' if model.is_moe else 'dense'}",
    )


def _shared(law: StepLaw, request: Request, node: Hardware) -> StepLaw:
    """The law among the other instances of an accelerator; MIG slices have times of their own."""
    if node.sharing is None:
        return law
    if node.sharing.kind == "mig":
        return sliced(law, instances=float(node.instances))
    calibration = calibration_of(request.spec)
    kind: Kind = "moe" if request.model.is_moe else "dense"
    row = calibration.constants(engine=request.engine.name, kind=kind)
    factors = calibration.factors(
        engine=request.engine.name,
        kind=kind,
        accelerator=node.accelerator,
        family=request.model.family,
    )
    own = constants_of(row, factors)
    return time_shared(law, instances=float(node.instances), host_s=own.step_s)


def reject_unfit(
    request: Request, node: Hardware, sized: SizedLayouts, rejections: Rejections
) -> None:
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


def join_sizes(
    request: Request, hardware: tuple[Hardware, ...], parts: list[tuple[int, SizedLayouts]]
) -> ReplicaTable:
    """One table of all layouts that fit; `parts` are (position of the hardware, sizes)."""
    if not parts:
        return _empty_table(hardware)
    layouts = [sized.layouts[int(i)] for _, sized in parts for i in sized.fits]
    law = concatenate([sized.law.take(sized.fits) for _, sized in parts])
    law = law.slower(1 + request.spec.derate)
    index = np.concatenate([np.full(len(s.fits), i, dtype=np.intp) for i, s in parts])
    accelerators = np.asarray([x.accelerators for x in layouts], dtype=np.intp)
    per_node = np.asarray([hardware[i].node_accelerators for i in index], dtype=np.intp)
    losses = {
        formats: quality_loss_of(request, *formats) for formats in set(map(_formats, layouts))
    }
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
