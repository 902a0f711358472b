"""Configs that look like a decoder's and are not one, or that hold layers of an unknown kind."""

import re
from collections.abc import Mapping
from typing import Any

from catalog.errors import CatalogError
from catalog.model_reader.config import Config
from catalog.schema import LanguageModel

_OTHER_TASKS = re.compile(
    r"MaskedLM|SequenceClassification|TokenClassification|QuestionAnswering|Whisper|Diffusion"
    r"|FeatureExtraction|EmbeddingModel|RewardModel|ImageClassification|ForCTC|PreTraining"
)
_ENCODERS = frozenset(
    {
        "bert",
        "roberta",
        "xlm-roberta",
        "deberta-v2",
        "electra",
        "albert",
        "distilbert",
        "modernbert",
    }
)
_UNKNOWN_LAYERS = {
    "attn_layer_period": "Jamba's mix of layers",
    "mamba_d_state": "Mamba layers of the first kind",
    "ssm_cfg": "Mamba layers of the first kind",
    "block_types": "recurrent blocks",
    "attention_hidden_size": "RWKV layers",
    "ffn_config": "nested feed-forward settings",
    "parallel_attn_mlp_res": "a dense block beside the experts",
    "zero_expert_num": "experts that compute nothing",
    "cross_attention_layers": "cross-attention layers",
    "hidden_size_per_layer_input": "embeddings per layer",
}
_STATE_ONLY = frozenset({"mamba", "mamba2", "falcon_mamba", "rwkv", "rwkv7", "xlstm"})
"""Kinds of model without any attention."""
_LAYERS = frozenset(
    {
        *("full_attention", "attention", "global_attention", "deepseek_sparse_attention"),
        *("sliding_attention", "chunked_attention", "local_attention"),
        *("linear_attention", "mamba", "mamba2", "moe", "mlp"),
    }
)
"""Kinds of layers that are counted; see layer_kinds.py."""


def refuse_impossible(model: LanguageModel, file: str) -> None:
    """Raise CatalogError for counts that no checkpoint has: heads are shared out evenly."""
    if model.heads % model.kv_heads:
        raise CatalogError(
            f"{model.kv_heads} KV heads do not divide {model.heads} attention heads", file=file
        )
    if model.experts_per_token > model.routed_experts:
        raise CatalogError(
            f"{model.experts_per_token} experts per token of {model.routed_experts}", file=file
        )


def refuse_others(config: Config, settings: Mapping[str, Any], file: str) -> None:
    """Raise CatalogError for a model that the formulas would get wrong."""
    if config.is_encoder_decoder:
        raise CatalogError("is an encoder-decoder", file=file, hint="only decoders can be sized")
    for name in config.architectures or ():
        if _OTHER_TASKS.search(name):
            raise CatalogError(f"is a {name}, not a language model that generates", file=file)
    if config.model_type in _ENCODERS:
        raise CatalogError(f"is an encoder ({config.model_type})", file=file)
    if config.model_type in _STATE_ONLY:
        raise CatalogError(f"has no attention layers ({config.model_type})", file=file)
    _refuse_layers(config, settings, file)


def _refuse_layers(config: Config, settings: Mapping[str, Any], file: str) -> None:
    kinds = settings.get("attn_type_list")
    lightning = isinstance(kinds, list) and 0 in kinds  # 1 is softmax attention
    if lightning:
        raise CatalogError("has lightning attention", file=file, column="attn_type_list")
    unknown = sorted(set(config.layer_types or ()) - _LAYERS)
    if unknown and not config.compress_ratios:
        raise CatalogError(
            f"has layers of an unknown kind: {', '.join(unknown)}", file=file, column="layer_types"
        )
    for key, what in _UNKNOWN_LAYERS.items():
        if settings.get(key):
            raise CatalogError(
                f"has {what}",
                file=file,
                column=key,
                hint="its layers cannot be counted; add the model to an overlay's models.csv",
            )
