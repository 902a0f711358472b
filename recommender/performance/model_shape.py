"""A language model as the numbers that sizing needs, computed once per model.

Symbol in code        Meaning                                                        Unit
attention_parameters  of all layers: attention, or what stands in for it             count
dense_parameters      dense feed-forward of the layers without experts               count
shared_parameters     shared experts and routers of all layers with experts          count
expert_parameters     one routed expert of one layer                                 count
vocab_parameters      one matrix of vocabulary x hidden                              count

Layers that are not plain attention (recurrent mixers, hybrid models) have no formula here:
their parameters are what the published total leaves after everything else.
"""

from dataclasses import dataclass

from catalog.schema import LanguageModel
from recommender.sizing import parameters

BILLION = 1e9
UNEXPLAINED_SHARE = 0.03
"""Formula and catalogue may differ by this much before the rest is taken as other mixers."""


@dataclass(frozen=True, slots=True)
class ModelShape:
    """See the module's table; all counts are floats."""

    layers: float
    expert_layers: float
    hidden: float
    heads: float
    kv_heads: float
    attention_parameters: float
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
        return self._active_blocks(self.experts) + embeddings

    @property
    def active_parameters(self) -> float:
        """Parameters that one token multiplies with, lm_head included [count]."""
        return self._active_blocks(self.experts_per_token) + self.vocab_parameters

    def _active_blocks(self, experts: float) -> float:
        routed = self.expert_layers * experts * self.expert_parameters
        fixed = self.attention_parameters + self.dense_parameters + self.shared_parameters
        return fixed + routed


def model_shape(model: LanguageModel) -> ModelShape:
    """The numbers of a model."""
    expert_layers = model.layers - model.dense_layers if model.is_moe else 0
    dense = (model.layers - expert_layers) * parameters.feed_forward_parameters(
        hidden=model.hidden, intermediate=model.intermediate
    )
    shared = expert_layers * (
        parameters.feed_forward_parameters(
            hidden=model.hidden, intermediate=shared_expert_width(model)
        )
        + parameters.router_parameters(hidden=model.hidden, experts=model.routed_experts)
    )
    expert = parameters.feed_forward_parameters(
        hidden=model.hidden, intermediate=model.expert_intermediate
    )
    vocab = parameters.embedding_parameters(hidden=model.hidden, vocab=model.vocab)
    routed = expert_layers * model.routed_experts * expert
    elsewhere = dense + shared + routed + vocab * (1 if model.tied_embeddings else 2)
    growing = model.layers if model.growing_layers is None else model.growing_layers
    return ModelShape(
        layers=float(model.layers),
        expert_layers=float(expert_layers),
        hidden=float(model.hidden),
        heads=float(model.heads),
        kv_heads=float(model.kv_heads),
        attention_parameters=_attention(model, elsewhere=float(elsewhere)),
        dense_parameters=float(dense),
        shared_parameters=float(shared),
        expert_parameters=float(expert),
        vocab_parameters=float(vocab),
        vocab=float(model.vocab),
        experts=float(model.routed_experts),
        experts_per_token=float(model.experts_per_token),
        widest_intermediate=float(_widest(model, has_dense=model.layers > expert_layers)),
        growing_layers=float(growing),
        windowed_layers=float(model.windowed_layers),
        window_tokens=float(model.sliding_window or 0),
        state_bytes=float(model.state_bytes_per_sequence),
        tied=model.tied_embeddings,
        model=model,
    )


def shared_expert_width(model: LanguageModel) -> int:
    """Width of all shared experts together [count]."""
    return model.shared_expert_intermediate or model.shared_experts * model.expert_intermediate


def _widest(model: LanguageModel, *, has_dense: bool) -> int:
    routed = model.experts_per_token * model.expert_intermediate
    return max(model.intermediate if has_dense else 0, routed + shared_expert_width(model))


def _attention(model: LanguageModel, *, elsewhere: float) -> float:
    formula = model.layers * _attention_layer(model)
    remainder = model.total_params_b * BILLION - elsewhere
    unexplained = abs(remainder - formula) > UNEXPLAINED_SHARE * model.total_params_b * BILLION
    if (model.state_layers or unexplained) and remainder > 0:
        return remainder
    return formula


def _attention_layer(model: LanguageModel) -> float:
    if model.attention == "MLA":
        return float(
            parameters.latent_attention_parameters(
                hidden=model.hidden,
                heads=model.heads,
                q_lora_rank=model.q_lora_rank,
                kv_lora_rank=model.kv_lora_rank,
                nope_head_dim=model.qk_nope_head_dim,
                rope_head_dim=model.qk_rope_head_dim,
                value_head_dim=model.v_head_dim,
            )
        )
    return float(
        parameters.attention_parameters(
            hidden=model.hidden,
            heads=model.heads,
            kv_heads=model.kv_heads,
            head_dim=model.head_dim,
        )
    )
