"""What a row of the models table is: a language model by its shape; the rules of schema.py."""

from typing import Literal

from catalog.row import AtLeastOne, Count, NotNegative, Positive, Row


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
