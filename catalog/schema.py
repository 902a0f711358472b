"""What a row of the catalogue is: frozen, typed, with unit, source and date.

None means "not published or not supported": nothing is estimated here. GB is 10^9 bytes.
"""

import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Terms = Literal["on_demand", "spot", "reserved_1yr", "reserved_3yr", "owned"]
Verification = Literal["read", "cross-checked", "recalled", "derived"]


class Row(BaseModel):
    """Base of all rows: immutable, unknown columns are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    verification: Verification = "read"


class Accelerator(Row):
    """One accelerator as it is sold; rates are dense (no sparsity)."""

    name: str
    aliases: tuple[str, ...] = ()
    vendor: str
    architecture: str
    form: str
    status: str = "available"
    memory_gb: float
    usable_memory_gib: float | None = None
    """What the driver leaves to programs, where it was read; else memory_gb decides."""
    memory_bandwidth_gb_per_s: float
    fp32_tflops: float | None = None
    tf32_tflops: float | None = None
    fp16_tflops: float | None = None
    bf16_tflops: float | None = None
    fp8_tflops: float | None = None
    int8_tops: float | None = None
    fp4_tflops: float | None = None
    int4_tops: float | None = None
    tdp_w: float | None = None
    link_type: str | None = None
    link_gb_per_s: float | None = None
    """Scale-up link per accelerator, one direction."""
    scale_up_domain: int = 1
    """Accelerators joined by the scale-up link."""
    accelerators_per_node: int = 1
    pcie_gen: float | None = None
    host_link_gb_per_s: float | None = None
    compute_capability: str | None = None
    released: str | None = None

    @property
    def memory_bytes(self) -> float:
        """Memory that programs can use [B]."""
        if self.usable_memory_gib is not None:
            return self.usable_memory_gib * 2**30
        return self.memory_gb * 1e9


class Offer(Row):
    """A node from a seller on terms at a price."""

    name: str
    """Unique per provider, instance type, region and terms."""
    provider: str
    instance_type: str
    region: str
    default_region: bool = False
    """The region a buyer would look at first; preferred when prices tie."""
    terms: Terms
    kind: Literal["list", "broker", "market", "advert", "guide", "index", "quote"] = "list"
    whole_node: bool = True
    """False for a fraction of an accelerator or a per-chip price."""
    default: bool = True
    """Part of the default offers: on demand, whole named instance, dated, from a price list."""
    accelerator: str
    node_accelerators: int
    vcpus: int | None = None
    host_ram_gib: float | None = None
    network_gb_per_s: float | None = None
    """Network of the whole node, one direction [GB/s]."""
    price_per_h: float
    currency: str = "USD"
    usd_per_h: float
    date: datetime.date | None = None
    """Day the price was read; first of the month or year when only that is known."""
    stock: int | None = None
    """Most nodes that can be had; None is unknown."""
    zone: str | None = None
    nameplate_power_w: float
    """What power supplies, racks and `--power` are sized for, whole node [W]."""
    nameplate_basis: str
    """`chassis NAME`, `share of chassis NAME` or `1.8 x TDP`."""
    typical_power_w: float | None = None


class LanguageModel(Row):
    """Architecture of a language model."""

    id: str
    aliases: tuple[str, ...] = ()
    family: str
    architecture: str
    attention: Literal["MHA", "MQA", "GQA", "MLA"]
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    """Width of the dense feed-forward layer."""
    vocab: int
    routed_experts: int = 0
    shared_experts: int = 0
    experts_per_token: int = 0
    expert_intermediate: int = 0
    shared_expert_intermediate: int = 0
    """Width of all shared experts together."""
    dense_layers: int = 0
    """Leading layers without experts (of an MoE)."""
    q_lora_rank: int = 0
    kv_lora_rank: int = 0
    qk_nope_head_dim: int = 0
    qk_rope_head_dim: int = 0
    v_head_dim: int = 0
    sliding_window: int | None = None
    growing_layers: int | None = None
    """Attention layers whose cache grows with the whole context; None is all layers."""
    windowed_layers: int = 0
    state_layers: int = 0
    state_bytes_per_sequence: float = 0.0
    max_context: int | None = None
    tied_embeddings: bool = False
    native_dtype: str
    native_quantisation: str | None = None
    native_precision: str
    """Name of the precision of the published weights: bf16, fp8, int4, mxfp4, nvfp4."""
    total_params_b: float
    active_params_b: float
    published_total_params_b: float | None = None
    published_active_params_b: float | None = None
    quality: float | None = None
    quality_benchmark: str | None = None

    @property
    def is_moe(self) -> bool:
        """Whether tokens are routed to experts."""
        return self.routed_experts > 0


class Precision(Row):
    """A number format of weights (and of activations in the matrix units)."""

    name: str
    aliases: tuple[str, ...] = ()
    weight_bits: float
    """Bits per weight, with scales and zero points."""
    activation_bits: float
    block: int = 1
    """Weights that share a scale along a cut dimension: every cut must be a multiple."""


class Support(Row):
    """Whether an engine runs a precision on an accelerator architecture, and how."""

    engine: str
    architecture: str
    precision: str
    mode: Literal["native", "weight_only", "none"]
    compute_format: str
    """Matrix-unit format that limits FLOP/s: bf16, fp16, fp8, int8, fp4."""


class KvSupport(Row):
    """Whether an engine holds its KV cache in a format on an architecture."""

    engine: str
    architecture: str
    precision: str
    supported: bool


class QualityLoss(Row):
    """Measured loss of a quantisation method on a model family."""

    precision: str
    """Name of a weight precision, or `kv-fp8` and the like."""
    family: str
    loss_pct: float
    benchmark: str


class Engine(Row):
    """Defaults of a serving engine."""

    name: str
    version: str
    scheduler: Literal["chunked", "prefill_first", "static"]
    memory_utilisation: float
    """Share of the accelerator's memory that the engine claims."""
    non_torch_gib: float
    """CUDA context, NCCL buffers and graphs per accelerator [GiB]."""
    frontend_s: float
    """HTTP, tokeniser and scheduling, part of TTFT [s]."""
    kv_block_tokens: int = 16
    expert_parallel: bool = True
    pipeline_parallel: bool = True
    attention_data_parallel: bool = True


class WorkloadPreset(Row):
    """A named workload: its lengths are the (input, output) pairs of `file`."""

    name: str
    file: str
    burstiness: float
    peak_to_mean: float | None = None
    description: str
    licence: str
