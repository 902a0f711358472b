"""What a row of the catalogue is: frozen, typed, with unit, source and date.

None means "not published or not supported": nothing is estimated here. GB is 10^9 bytes.
"""

from typing import Literal

from catalog.offer import Offer as Offer
from catalog.row import COMMITTED_TERMS as COMMITTED_TERMS
from catalog.row import AtLeastOne as AtLeastOne
from catalog.row import Count as Count
from catalog.row import NotNegative as NotNegative
from catalog.row import Positive as Positive
from catalog.row import Row as Row
from catalog.row import Terms as Terms
from catalog.row import Verification as Verification

NO_LINK = "none"
"""`link_type` of an accelerator without a scale-up link."""


class Accelerator(Row):
    """One accelerator as it is sold; rates are dense (no sparsity)."""

    name: str
    aliases: tuple[str, ...] = ()
    vendor: str
    architecture: str
    form: str
    status: str = "available"
    memory_gb: Positive
    usable_memory_gib: Positive | None = None
    """What the driver leaves to programs, where it was read; else memory_gb decides."""
    memory_type: str | None = None
    memory_bandwidth_gb_per_s: Positive
    fp32_tflops: Positive | None = None
    tf32_tflops: Positive | None = None
    fp16_tflops: Positive | None = None
    bf16_tflops: Positive | None = None
    fp8_tflops: Positive | None = None
    int8_tops: Positive | None = None
    fp4_tflops: Positive | None = None
    int4_tops: Positive | None = None
    tdp_w: Positive | None = None
    link_type: str | None = None
    link_gb_per_s: Positive | None = None
    """Scale-up link per accelerator, one direction."""
    scale_up_domain: AtLeastOne = 1
    """Accelerators joined by the scale-up link."""
    accelerators_per_node: AtLeastOne = 1
    pcie_gen: Positive | None = None
    host_link_gb_per_s: Positive | None = None
    compute_capability: str | None = None
    released: str | None = None
    price_usd_low: NotNegative | None = None
    price_usd_high: NotNegative | None = None

    @property
    def memory_bytes(self) -> float:
        """Memory that programs can use [B]."""
        if self.usable_memory_gib is not None:
            return self.usable_memory_gib * 2**30
        return self.memory_gb * 1e9


class LanguageModel(Row):
    """Architecture of a language model."""

    id: str
    aliases: tuple[str, ...] = ()
    family: str
    architecture: str
    attention: Literal["MHA", "MQA", "GQA", "MLA"]
    layers: AtLeastOne
    hidden: AtLeastOne
    heads: AtLeastOne
    kv_heads: AtLeastOne
    head_dim: AtLeastOne
    intermediate: Count
    """Width of the dense feed-forward layer."""
    vocab: AtLeastOne
    routed_experts: Count = 0
    shared_experts: Count = 0
    experts_per_token: Count = 0
    expert_intermediate: Count = 0
    shared_expert_intermediate: Count = 0
    """Width of all shared experts together."""
    dense_layers: Count = 0
    """Leading layers without experts (of an MoE)."""
    q_lora_rank: Count = 0
    kv_lora_rank: Count = 0
    qk_nope_head_dim: Count = 0
    qk_rope_head_dim: Count = 0
    v_head_dim: Count = 0
    sliding_window: Count | None = None
    growing_layers: Count | None = None
    """Attention layers whose cache grows with the whole context; None is all layers."""
    windowed_layers: Count = 0
    state_layers: Count = 0
    state_bytes_per_sequence: NotNegative = 0.0
    kv_bytes_per_token_growing: Positive | None = None
    """16-bit cache per token of the growing layers [B], where heads x width does not give it."""
    kv_bytes_per_token_windowed: Positive | None = None
    """The same for the windowed layers [B]."""
    moe_layers: Count | None = None
    """Layers with experts; None is all but `dense_layers` (of an MoE)."""
    ffn_layers: Count | None = None
    """Layers with a dense feed-forward block; None is the layers without experts."""
    ffn_matrices: AtLeastOne = 3
    """Matrices of a feed-forward block: 3 gated, 2 plain."""
    parallel_blocks: bool = False
    """Attention and feed-forward of a layer read the same input; engines add both, then reduce."""
    attention_params_m: Positive | None = None
    """Matrices of all attention layers [millions], where the formula does not hold."""
    ffn_params_m: Positive | None = None
    """The same for the dense feed-forward blocks [millions]."""
    state_params_m: NotNegative = 0.0
    """Matrices of all state layers [millions]."""
    expert_hidden: Count = 0
    """Latent width that routed experts work in; 0 is the hidden size."""
    max_context: Count | None = None
    tied_embeddings: bool = False
    native_dtype: str
    native_quantisation: str | None = None
    native_precision: str
    """Name of the precision of the published weights: bf16, fp16, fp8, int4, fp4, mxfp4."""
    native_kv_precision: str | None = None
    """Format of the KV cache that the checkpoint carries scales for; None is 16 bits."""
    total_params_b: Positive
    active_params_b: Positive
    published_total_params_b: Positive | None = None
    published_active_params_b: Positive | None = None
    quality: float | None = None
    quality_benchmark: str | None = None
    published_source: str | None = None
    quality_source: str | None = None

    @property
    def is_moe(self) -> bool:
        """Whether tokens are routed to experts."""
        return self.routed_experts > 0

    @property
    def expert_layers(self) -> int:
        """Layers with routed experts."""
        if not self.is_moe:
            return 0
        return self.layers - self.dense_layers if self.moe_layers is None else self.moe_layers

    @property
    def dense_ffn_layers(self) -> int:
        """Layers with a dense feed-forward block."""
        return self.layers - self.expert_layers if self.ffn_layers is None else self.ffn_layers

    @property
    def attention_layers(self) -> int:
        """Layers with softmax attention; a layer may hold a growing and a windowed cache."""
        layers = self.layers - self.state_layers
        if self.growing_layers is None:
            return layers
        return min(layers, self.growing_layers + self.windowed_layers)

    @property
    def blocks(self) -> int:
        """Mixers and feed-forward blocks: two per layer, one in hybrids whose layers are either."""
        mixers = min(self.layers, self.attention_layers + self.state_layers)
        return mixers + min(self.layers, self.expert_layers + self.dense_ffn_layers)


class Checkpoint(Row):
    """A published quantised checkpoint of a model."""

    model: str
    """Id of the model that was quantised."""
    precision: str
    checkpoint: str
    """Id on the hub."""


class Precision(Row):
    """A number format of weights (and of activations in the matrix units)."""

    name: str
    aliases: tuple[str, ...] = ()
    weight_bits: Positive
    """Bits per weight, with scales and zero points."""
    activation_bits: Positive
    block: AtLeastOne = 1
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
    """Family of the model measured, or `mixed` for an average over several."""
    model: str = ""
    method: str
    """How the weights were quantised: the look-up takes the best method of a family."""
    broad: bool
    """Average over several tasks; only these count, single tasks are for information."""
    loss_pct: float
    benchmark: str
    date: str | None = None


class Engine(Row):
    """Defaults of a serving engine."""

    name: str
    version: str
    scheduler: Literal["chunked", "prefill_first", "static"]
    memory_utilisation: Positive
    """Share of the memory that the engine claims."""
    utilisation_of: Literal["all", "free"] = "all"
    """Of the accelerator's whole memory, or for its cache of what is free after loading."""
    non_torch_gib: NotNegative
    """CUDA context, NCCL buffers and graphs per accelerator [GiB]."""
    frontend_s: NotNegative
    """HTTP, tokeniser and scheduling, part of TTFT [s]."""
    kv_block_tokens: AtLeastOne = 16
    expert_parallel: bool = True
    pipeline_parallel: bool = True
    attention_data_parallel: bool = True
    speculative: bool = True
    """Whether it drafts and verifies tokens for whole batches."""
    overlap_flag: str = ""
    """Flag that hides dispatch and combine of experts behind another half of the batch
    (two-batch overlap); blank where it cannot."""


class WorkloadPreset(Row):
    """A named workload: its lengths are the (input, output) pairs of `file`."""

    name: str
    file: str
    burstiness: NotNegative
    peak_to_mean: NotNegative | None = None
    description: str
    licence: str
