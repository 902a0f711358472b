"""A language model as the numbers that sizing needs, computed once per model.

Symbol in code        Meaning                                                        Unit
attention_parameters  of all layers: attention and recurrent mixers                  count
key_value_parameters  of these: projections to keys and values; 0 for MLA            count
dense_parameters      dense feed-forward of all layers                               count
shared_parameters     shared experts and routers of all layers with experts          count
expert_parameters     one routed expert of one layer                                 count
vocab_parameters      one matrix of vocabulary x hidden                              count
blocks_per_layer      attention or state, and feed-forward: 2, in hybrids of single blocks 1   count
reduces_per_layer     all-reduces among tensor ranks: one per block, one for both where they
                      are parallel (Falcon, in vLLM and TensorRT-LLM)                count
growing_layers        layers whose cache grows with the context (float: in units of
                      a layer with kv_heads x head_dim, where the catalogue gives
                      the cache directly)                                            count

Parameters are counted by `catalog.parameters`.
"""

from dataclasses import dataclass
from functools import lru_cache

from catalog.parameters import parameters
from catalog.schema import LanguageModel

KV_BYTES_16_BIT = 2.0


@dataclass(frozen=True, slots=True)
class ModelShape:
    """See the module's table; all counts are floats."""

    layers: float
    blocks_per_layer: float
    reduces_per_layer: float
    expert_layers: float
    dense_layers: float
    hidden: float
    heads: float
    kv_heads: float
    attention_parameters: float
    key_value_parameters: float
    dense_parameters: float
    shared_parameters: float
    expert_parameters: float
    vocab_parameters: float
    vocab: float
    experts: float
    experts_per_token: float
    widest_intermediate: float
    """Of one token: dense layer, or its k experts and shared ones."""
    growing_layers: float
    windowed_layers: float
    window_tokens: float
    state_bytes: float
    tied: bool
    model: LanguageModel

    @property
    def total_parameters(self) -> float:
        """All parameters [count]."""
        embeddings = self.vocab_parameters * (1 if self.tied else 2)
        return self._blocks(self.experts) + embeddings

    @property
    def active_parameters(self) -> float:
        """Parameters that one token multiplies with, lm_head included [count]."""
        return self._blocks(self.experts_per_token) + self.vocab_parameters

    def _blocks(self, experts: float) -> float:
        routed = self.expert_layers * experts * self.expert_parameters
        fixed = self.attention_parameters + self.dense_parameters + self.shared_parameters
        return fixed + routed


@lru_cache(maxsize=1024)
def model_shape(model: LanguageModel) -> ModelShape:
    """The numbers of a model."""
    counted = parameters(model)
    routed = model.expert_layers * model.routed_experts
    growing = model.attention_layers if model.growing_layers is None else model.growing_layers
    return ModelShape(
        layers=float(model.layers),
        blocks_per_layer=model.blocks / model.layers,
        reduces_per_layer=1.0 if model.parallel_blocks else model.blocks / model.layers,
        expert_layers=float(model.expert_layers),
        dense_layers=float(model.dense_ffn_layers),
        hidden=float(model.hidden),
        heads=float(model.heads),
        kv_heads=float(model.kv_heads),
        attention_parameters=counted.attention + counted.state,
        key_value_parameters=_key_value_parameters(model),
        dense_parameters=counted.dense_ffn,
        shared_parameters=counted.shared_experts + counted.router,
        expert_parameters=counted.routed_experts / routed if routed else 0.0,
        vocab_parameters=counted.head,
        vocab=float(model.vocab),
        experts=float(model.routed_experts),
        experts_per_token=float(model.experts_per_token),
        widest_intermediate=float(_widest(model)),
        growing_layers=_layers(model, growing, model.kv_bytes_per_token_growing),
        windowed_layers=_layers(model, model.windowed_layers, model.kv_bytes_per_token_windowed),
        window_tokens=float(model.sliding_window or 0),
        state_bytes=float(model.state_bytes_per_sequence),
        tied=model.tied_embeddings,
        model=model,
    )


def _key_value_parameters(model: LanguageModel) -> float:
    """2*h*K*d per layer; MLA projects to one latent that belongs to no head [count]."""
    if model.attention == "MLA":
        return 0.0
    return float(model.attention_layers * 2 * model.hidden * model.kv_heads * model.head_dim)


def _layers(model: LanguageModel, layers: int, bytes_per_token: float | None) -> float:
    """Layers with a cache, in units of one with the model's heads."""
    if bytes_per_token is None:
        return float(layers)
    elements = model.kv_lora_rank + model.qk_rope_head_dim
    if model.attention != "MLA":
        elements = 2 * model.kv_heads * model.head_dim
    return bytes_per_token / (elements * KV_BYTES_16_BIT)


def _widest(model: LanguageModel) -> int:
    routed = model.experts_per_token * model.expert_intermediate
    dense = model.intermediate if model.dense_ffn_layers else 0
    return max(dense, routed + model.shared_expert_intermediate)
