"""A language model as the numbers that sizing needs, computed once per model.

Symbol in code        Meaning                                                        Unit
attention_parameters  of all layers: attention, or what stands in for it             count
dense_parameters      dense feed-forward of the layers without experts               count
shared_parameters     shared experts and routers of all layers with experts          count
expert_parameters     one routed expert of one layer                                 count
vocab_parameters      one matrix of vocabulary x hidden                              count

Layers that are not plain attention (recurrent mixers, hybrids) have no formula here: where the
formula is off, their parameters are what the published total leaves after everything else.
"""

from dataclasses import dataclass

from catalog.schema import LanguageModel
from recommender.performance.blocks import (
    BILLION,
    CLOSE,
    Blocks,
    blocks,
    shared_expert_width,
)
from recommender.sizing import parameters


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
    vocab = float(parameters.embedding_parameters(hidden=model.hidden, vocab=model.vocab))
    embeddings = vocab * (1 if model.tied_embeddings else 2)
    formula = model.layers * _attention_layer(model)
    found = blocks(model, attention=formula, embeddings=embeddings)
    growing = model.layers if model.growing_layers is None else model.growing_layers
    return ModelShape(
        layers=float(model.layers),
        expert_layers=float(found.expert_layers),
        hidden=float(model.hidden),
        heads=float(model.heads),
        kv_heads=float(model.kv_heads),
        attention_parameters=_attention(model, found, formula=formula, embeddings=embeddings),
        dense_parameters=found.dense,
        shared_parameters=found.shared,
        expert_parameters=found.expert,
        vocab_parameters=vocab,
        vocab=float(model.vocab),
        experts=float(model.routed_experts),
        experts_per_token=float(model.experts_per_token),
        widest_intermediate=float(_widest(model, has_dense=found.dense_layers > 0)),
        growing_layers=float(growing),
        windowed_layers=float(model.windowed_layers),
        window_tokens=float(model.sliding_window or 0),
        state_bytes=float(model.state_bytes_per_sequence),
        tied=model.tied_embeddings,
        model=model,
    )


def _widest(model: LanguageModel, *, has_dense: bool) -> int:
    routed = model.experts_per_token * model.expert_intermediate
    return max(model.intermediate if has_dense else 0, routed + shared_expert_width(model))


def _attention(model: LanguageModel, found: Blocks, *, formula: float, embeddings: float) -> float:
    """The formula, or what the published total leaves if that explains the active part better."""
    total = model.total_params_b * BILLION
    remainder = total - embeddings - found.feed_forward(experts=model.routed_experts)
    active = model.active_params_b * BILLION - embeddings
    active -= found.feed_forward(experts=model.experts_per_token)
    unexplained = abs(remainder - formula) > CLOSE * total
    closer = abs(remainder - active) < abs(formula - active)
    return remainder if unexplained and closer and remainder > 0 else formula


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
