"""Parameters of a language model, from its architecture.

    N  = embed + head + L_a*A + S + L_d*D + L_e*(E*X + X_s + h*E + latent)
    N_active = N - embed - L_e*(E - k)*X

Symbol   Meaning                                                      Field
h, V     hidden size, vocabulary                                      hidden, vocab
L_a      layers with softmax attention                                attention_layers
L_d, L_e layers with a dense block, with experts                dense_ffn_layers, expert_layers
A        attention matrices of a layer, see `attention_per_layer`
D        dense block: m * h * I                                       m = ffn_matrices (3 gated)
X        one routed expert: m * w * I_e                               w = expert_hidden or h
X_s      all shared experts together: m * h * I_s
E, k     routed experts, experts per token
latent   2 * h * w, the projections into and out of a latent expert width, else 0
S        state (linear-attention) layers, all together                state_params_m
embed    V * h; head the same, and 0 when tied (the one matrix then counts as head)

Norms, biases, multi-token-prediction heads and vision towers are not counted (< 0.1 % of a text
model). The input embedding is looked up, not multiplied, so active parameters leave it out.
"""

from dataclasses import dataclass

from catalog.schema import LanguageModel

MILLION = 1e6
BILLION = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Parameters by part, all layers together [count]."""

    embedding: float
    """Input embedding; 0 when it is the same matrix as the head."""
    head: float
    attention: float
    state: float
    dense_ffn: float
    routed_experts: float
    shared_experts: float
    router: float
    """Routers and latent projections."""
    active_share: float
    """Share of the routed experts that one token passes: k / E."""

    @property
    def total(self) -> float:
        """All parameters [count]."""
        return self.embedding + self._always + self.routed_experts

    @property
    def active(self) -> float:
        """Parameters that one token is multiplied with [count]."""
        return self._always + self.routed_experts * self.active_share

    @property
    def _always(self) -> float:
        blocks = self.attention + self.state + self.dense_ffn + self.shared_experts + self.router
        return self.head + blocks


def parameters(model: LanguageModel) -> Parameters:
    """Parameters of a model by part."""
    matrix, width = model.vocab * model.hidden, model.expert_hidden or model.hidden
    expert = model.ffn_matrices * width * model.expert_intermediate
    shared = model.ffn_matrices * model.hidden * model.shared_expert_intermediate
    latent = 2 * model.hidden * width if model.expert_hidden else 0
    router = model.hidden * model.routed_experts
    return Parameters(
        embedding=0 if model.tied_embeddings else matrix,
        head=matrix,
        attention=_attention(model),
        state=model.state_params_m * MILLION,
        dense_ffn=_dense_ffn(model),
        routed_experts=model.expert_layers * model.routed_experts * expert,
        shared_experts=model.expert_layers * shared,
        router=model.expert_layers * (router + latent),
        active_share=model.experts_per_token / model.routed_experts if model.is_moe else 0.0,
    )


def attention_per_layer(model: LanguageModel) -> float:
    """Matrices of one attention layer [count].

    GQA, MHA, MQA (H heads, K key/value heads of width d):  h*d*(H + 2K) + H*d*h
    MLA (q = q_lora_rank, c = kv_lora_rank, widths n nope, r rope, v value):
        queries h*q + q*H*(n + r), or h*H*(n + r) without q
        keys and values h*(c + r) + c*H*(n + v);  output H*v*h
    """
    h, heads = model.hidden, model.heads
    if model.attention != "MLA":
        return h * model.head_dim * (heads + 2 * model.kv_heads) + heads * model.head_dim * h
    query_width = heads * (model.qk_nope_head_dim + model.qk_rope_head_dim)
    rank, latent = model.q_lora_rank, model.kv_lora_rank
    queries = h * rank + rank * query_width if rank else h * query_width
    keys_values = h * (latent + model.qk_rope_head_dim) + latent * heads * (
        model.qk_nope_head_dim + model.v_head_dim
    )
    return queries + keys_values + heads * model.v_head_dim * h


def _attention(model: LanguageModel) -> float:
    if model.attention_params_m is not None:
        return model.attention_params_m * MILLION
    return model.attention_layers * attention_per_layer(model)


def _dense_ffn(model: LanguageModel) -> float:
    if model.ffn_params_m is not None:
        return model.ffn_params_m * MILLION
    return model.dense_ffn_layers * model.ffn_matrices * model.hidden * model.intermediate
