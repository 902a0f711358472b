"""Why a deployment is out before any memory or time is computed: formats, cut, reach."""

from math import isnan

from catalog.schema import Support
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.validity import validity
from recommender.request.request import Request
from recommender.units import GIB

ROOM_FOR_WEIGHTS = 0.85
"""Share of the claimed memory beyond which weights leave no useful cache on one node."""


def support_of(request: Request, node: Hardware, precision: str) -> Support:
    """How the request's engine runs a weight precision on this accelerator."""
    return request.catalog.support(request.engine.name, node.accelerator.name, precision)


def format_refusal(
    request: Request, node: Hardware, precision: str, kv_precision: str
) -> tuple[str, str] | None:
    """Why these formats are out on this accelerator, whatever the cut."""
    catalog, engine, name = request.catalog, request.engine.name, node.accelerator.name
    support = support_of(request, node, precision)
    if support.mode == "none":
        return "precision", f"{engine} does not run {precision} here ({support.source})"
    if _emulated_by_default(request, precision, support):
        return "precision", f"{precision} is weight-only here; --precision asks for it"
    if not catalog.kv_supported(engine, name, kv_precision):
        return "kv precision", f"{engine} holds no {kv_precision} KV cache here"
    loss, _ = quality_loss_of(request, precision, kv_precision)
    limit = request.spec.max_quality_loss * 100
    if isnan(loss):
        return "quality", f"loss of {precision}/{kv_precision} is not measured"
    if loss > limit:
        return "quality", f"{precision}/{kv_precision}: loss {loss:.1f} % > {limit:.1f} % allowed"
    return None


def cut_refusal(request: Request, node: Hardware, layout: Layout) -> tuple[str, str] | None:
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
        support=support_of(request, node, layout.precision),
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


def quality_loss_of(request: Request, precision: str, kv_precision: str) -> tuple[float, str]:
    """Quality lost in these formats [%], NaN when not measured, and how it is known."""
    model = request.model
    loss = request.catalog.quality_loss(
        precision, kv_precision, model.family, model.native_precision, model.native_kv_precision
    )
    return loss.loss_pct, loss.basis
