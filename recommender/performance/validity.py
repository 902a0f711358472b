"""Which layouts an engine can run at all; what cannot carries a reason and its number.

Reasons: precision, peak, heads, experts, expert parallel, attention data parallel, pipeline,
layers, width, quantisation block, tensor parallel, network, memory.
"""

from dataclasses import dataclass

from catalog.blocks import quantisation_block
from catalog.schema import Engine, LanguageModel, Precision, Support
from recommender.errors import MissingData
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.layout_table import peak_flop_per_s
from recommender.performance.memory import MemoryTable
from recommender.units import GIB


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a layout cannot run."""

    reason: str
    """Short class, counted in the funnel."""
    detail: str
    """Sentence with its number."""


def validity(
    *,
    model: LanguageModel,
    layout: Layout,
    hardware: Hardware,
    engine: Engine,
    precision: Precision,
    support: Support | None,
) -> Refusal | None:
    """The first reason why the layout cannot run on this hardware; None when it can.

    `support` is the row of the layout's weight precision for the engine and architecture.
    """
    return (
        _precision(layout, hardware, support)
        or _heads(model, layout)
        or _experts(model, layout, engine)
        or _data_parallel(model, layout, engine)
        or _pipeline(model, layout, engine)
        or _blocks(model, layout, precision)
        or _placement(layout, hardware)
    )


def memory_refusal(memory: MemoryTable, index: int) -> Refusal | None:
    """Whether the weights leave room for a cache; `index` is the layout's position."""
    if memory.kv_bytes[index] > 0:
        return None
    needed = float(memory.weight_bytes[index])
    overhead = float(memory.overhead_bytes[index])
    usable = memory.usable_bytes / GIB
    if needed > memory.usable_bytes:
        return Refusal("memory", f"weights {needed / GIB:.1f} GiB > {usable:.1f} GiB usable")
    return Refusal(
        "memory",
        f"weights {needed / GIB:.1f} GiB + overhead {overhead / GIB:.1f} GiB"
        f" > {usable:.1f} GiB usable",
    )


def _precision(layout: Layout, hardware: Hardware, support: Support | None) -> Refusal | None:
    if support is None or support.mode == "none":
        architecture = hardware.accelerator.architecture
        return Refusal("precision", f"{layout.precision} is not supported on {architecture}")
    try:
        peak_flop_per_s(hardware.accelerator, compute_format=support.compute_format)
    except MissingData as error:
        return Refusal("peak", str(error))
    return None


def _heads(model: LanguageModel, layout: Layout) -> Refusal | None:
    if model.heads % layout.tp:
        return Refusal("heads", f"{model.heads} heads are not divisible by tp {layout.tp}")
    shared = max(model.kv_heads, layout.tp) % min(model.kv_heads, layout.tp)
    if model.attention != "MLA" and shared:
        return Refusal(
            "heads",
            f"{model.kv_heads} key-value heads and tp {layout.tp}: neither divides the other",
        )
    return None


def _experts(model: LanguageModel, layout: Layout, engine: Engine) -> Refusal | None:
    if layout.ep == 1:
        return None
    if layout.ep != layout.tp * layout.adp:
        return Refusal(
            "expert parallel", f"ep {layout.ep} is neither 1 nor tp*adp {layout.tp * layout.adp}"
        )
    if not model.is_moe:
        return Refusal(
            "expert parallel", f"{model.id} has no experts to deal out over ep {layout.ep}"
        )
    if not engine.expert_parallel:
        return Refusal(
            "expert parallel", f"{engine.name} has no expert parallelism (ep {layout.ep})"
        )
    if model.routed_experts % layout.ep:
        return Refusal(
            "experts", f"{model.routed_experts} experts are not divisible by ep {layout.ep}"
        )
    return None


def _data_parallel(model: LanguageModel, layout: Layout, engine: Engine) -> Refusal | None:
    if layout.adp == 1:
        return None
    if not engine.attention_data_parallel:
        return Refusal(
            "attention data parallel",
            f"{engine.name} has no attention data parallelism (adp {layout.adp})",
        )
    if not model.is_moe and model.attention != "MLA":
        return Refusal(
            "attention data parallel",
            f"adp {layout.adp} gains nothing on a dense {model.attention} model",
        )
    return None


def _pipeline(model: LanguageModel, layout: Layout, engine: Engine) -> Refusal | None:
    if layout.pp == 1:
        return None
    if not engine.pipeline_parallel:
        return Refusal("pipeline", f"{engine.name} has no pipeline parallelism (pp {layout.pp})")
    if model.layers < layout.pp:
        return Refusal("layers", f"{model.layers} layers < pp {layout.pp}")
    return None


def _blocks(model: LanguageModel, layout: Layout, precision: Precision) -> Refusal | None:
    """Every cut dimension must be a whole number of quantisation blocks per accelerator."""
    cuts = [("attention output", model.heads * _value_dim(model), layout.tp)]
    if model.intermediate and model.dense_ffn_layers:
        cuts.append(("feed-forward width", model.intermediate, layout.tp))
    if model.is_moe and model.shared_expert_intermediate:
        cuts.append(("shared expert width", model.shared_expert_intermediate, layout.tp))
    if model.is_moe and layout.ep == 1:
        cuts.append(("expert width", model.expert_intermediate, layout.tp * layout.adp))
    block = quantisation_block(model, precision)
    for name, width, parts in cuts:
        if width % parts:
            return Refusal("width", f"{name} {width} is not divisible by {parts}")
        if width % (parts * block):
            return Refusal(
                "quantisation block",
                f"{name} {width} / {parts} = {width / parts:g} is not a multiple of"
                f" {precision.name}'s block {block}",
            )
    return None


def _value_dim(model: LanguageModel) -> int:
    return model.v_head_dim if model.attention == "MLA" else model.head_dim


def _placement(layout: Layout, hardware: Hardware) -> Refusal | None:
    reach = max(hardware.domain, hardware.node_accelerators)
    if layout.tp > reach:
        return Refusal(
            "tensor parallel",
            f"tp {layout.tp} > {reach} accelerators of the scale-up domain or node",
        )
    if layout.accelerators > reach and hardware.network_gb_per_s is None:
        return Refusal(
            "network",
            f"{layout.accelerators} accelerators span nodes of {hardware.node_accelerators},"
            " and the network of the node is not known",
        )
    return None
