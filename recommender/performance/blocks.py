"""Which blocks a model is made of, where its configuration file does not say.

A catalogue row gives widths and the published total, but not whether a feed-forward layer is
gated (3 matrices) or plain (2), nor whether every layer holds experts. Of the arrangements below
the usual one (first) is taken when its total is within 1 % of the published one, else the
closest; experts of an unusual form then take what the total leaves.

    layers with experts   all but the leading dense ones; or all that are neither attention nor
                          recurrent (hybrids that alternate blocks); or every second one
    matrices              3 gated, 2 plain
"""

from dataclasses import dataclass
from itertools import product

from catalog.schema import LanguageModel
from recommender.sizing import parameters

BILLION = 1e9
CLOSE = 0.01
"""Relative difference of totals that norms, biases and rounding explain."""
UNUSUAL = 0.10
"""Relative difference that only experts of another form explain."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Layers of each kind, parameters outside attention and embeddings [count]."""

    expert_layers: int
    dense_layers: int
    dense: float
    """All dense feed-forward layers."""
    shared: float
    """Shared experts and routers of all layers."""
    expert: float
    """One routed expert of one layer."""

    def feed_forward(self, *, experts: int) -> float:
        """Dense, shared and this many routed experts per layer [count]."""
        return self.dense + self.shared + self.expert_layers * experts * self.expert


def blocks(model: LanguageModel, *, attention: float, embeddings: float) -> Blocks:
    """The arrangement that explains the published total best."""
    published = model.total_params_b * BILLION - embeddings - attention
    tolerance = CLOSE * model.total_params_b * BILLION
    arrangements = [
        _arrangement(model, layers, matrices)
        for matrices, layers in product(
            (parameters.GATED_MATRICES, parameters.PLAIN_MATRICES), _feed_forward_layers(model)
        )
    ]

    def distance(candidate: Blocks) -> float:
        return abs(candidate.feed_forward(experts=model.routed_experts) - published)

    usual = arrangements[0]
    if model.state_layers and not model.is_moe:
        tolerance = UNUSUAL * model.total_params_b * BILLION  # the mixers are not known here
    best = usual if distance(usual) <= tolerance else min(arrangements, key=distance)
    if model.is_moe and distance(best) > UNUSUAL * model.total_params_b * BILLION:
        rest = published - best.dense - best.shared
        expert = rest / (best.expert_layers * model.routed_experts)
        best = Blocks(best.expert_layers, best.dense_layers, best.dense, best.shared, expert)
    return best


def _feed_forward_layers(model: LanguageModel) -> list[tuple[int, int]]:
    """(layers with experts, dense layers) of the arrangements, the usual one first."""
    growing = model.layers if model.growing_layers is None else model.growing_layers
    other = model.layers - growing - model.windowed_layers - model.state_layers
    if not model.is_moe:
        return [(0, model.layers)] + ([(0, other)] if other > 0 else [])
    usual = (model.layers - model.dense_layers, model.dense_layers)
    alternating = [(other, 0)] if other > 0 else []
    return [usual, *alternating, (model.layers // 2, model.layers - model.layers // 2)]


def _arrangement(model: LanguageModel, layers: tuple[int, int], matrices: int) -> Blocks:
    expert_layers, dense_layers = layers

    def width(intermediate: int) -> float:
        return float(
            parameters.feed_forward_parameters(
                hidden=model.hidden, intermediate=intermediate, matrices=matrices
            )
        )

    router = parameters.router_parameters(hidden=model.hidden, experts=model.routed_experts)
    return Blocks(
        expert_layers=expert_layers,
        dense_layers=dense_layers,
        dense=dense_layers * width(model.intermediate),
        shared=expert_layers * (width(shared_expert_width(model)) + float(router)),
        expert=width(model.expert_intermediate),
    )


def shared_expert_width(model: LanguageModel) -> int:
    """Width of all shared experts together [count]."""
    return model.shared_expert_intermediate or model.shared_experts * model.expert_intermediate
