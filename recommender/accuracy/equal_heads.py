"""Whether tensor ranks get as many heads as each other, which serving engines ask for.

tp divides the attention heads; of key-value heads and tp one divides the other, since ranks beyond
the heads hold copies. Not so of MLA, whose cache is one vector for all heads.
"""

from catalog.schema import LanguageModel


def equal_heads(model: LanguageModel, tp: int) -> bool:
    """Whether tp ranks share the heads of a model equally."""
    shared = max(model.kv_heads, tp) % min(model.kv_heads, tp)
    return model.heads % tp == 0 and (model.attention == "MLA" or not shared)
