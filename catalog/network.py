"""When two models are one network: equal layers, whatever their names and weights.

Llama 3.1 70B and Llama 3.3 70B, DeepSeek-V3 and DeepSeek-R1 take the same time for the same step.
"""

from catalog.schema import LanguageModel


def network_sizes(model: LanguageModel) -> tuple[int | float | None, ...]:
    """Layers, hidden and feed-forward width, heads, key-value heads, vocabulary, routed experts
    and their width.
    """
    return (
        model.layers, model.hidden, model.intermediate, model.heads, model.kv_heads, model.vocab,
        model.routed_experts, model.expert_intermediate,
    )  # fmt: skip


def network(model: LanguageModel) -> str:
    """The sizes as one word, equal for models of one network: `80-8192-28672-64-8-128256-0-0`."""
    return "-".join(f"{size or 0:g}" for size in network_sizes(model))
