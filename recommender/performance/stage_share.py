"""What the fullest pipeline stage holds of a model.

    layers   ceil(L/pp)
    experts  min(L_e, ceil(L/pp))     leading dense layers sit on the first stage, so another
                                      stage holds nothing but layers with experts
             ceil(L_e * share)        layers with experts interleaved with others

Symbol  Meaning                                 Unit
L, L_e  layers; layers with experts             count
share   ceil(L/pp) / L                          1
"""

from dataclasses import dataclass

import numpy as np

from recommender.performance.layout_table import Floats, LayoutTable
from recommender.performance.model_shape import ModelShape
from recommender.sizing import weights


@dataclass(frozen=True, slots=True)
class StageShare:
    """Shape (n,)."""

    share: Floats
    """Share of all layers [1]."""
    layers: Floats
    expert_layers: Floats
    replicated_parameters: Floats
    """Attention, dense and shared feed-forward, routers, with every copy that the tp ranks hold
    of the key-value projections [count]."""
    embedding_copies: Floats
    """Matrices of vocabulary x hidden."""


def stage_share(*, shape: ModelShape, table: LayoutTable) -> StageShare:
    """The fullest stage of each layout."""
    layers = np.asarray(weights.layers_of_fullest_stage(layers=shape.layers, pp=table.pp))
    share = layers / shape.layers
    interleaved = shape.model.moe_layers is not None
    expert_layers = (
        np.ceil(shape.expert_layers * share)
        if interleaved
        else np.minimum(layers, shape.expert_layers)
    )
    beside = np.minimum((layers - expert_layers) / max(shape.dense_layers, 1.0), 1.0)
    dense_share = beside if shape.experts and not interleaved else share
    copies = weights.key_value_copies(kv_heads=shape.kv_heads, tp=table.tp)
    copied = (copies - 1) * shape.key_value_parameters
    return StageShare(
        share=share,
        layers=layers,
        expert_layers=expert_layers,
        replicated_parameters=share * (shape.attention_parameters + copied)
        + dense_share * shape.dense_parameters
        + expert_layers / max(shape.expert_layers, 1.0) * shape.shared_parameters,
        embedding_copies=np.asarray(
            weights.embedding_copies_of_fullest_stage(pp=table.pp, tied=shape.tied)
        ),
    )
