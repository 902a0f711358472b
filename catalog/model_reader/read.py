"""Reading a model's config: what it is, or why it cannot be read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog.errors import CatalogError
from catalog.model_reader.config import Config
from catalog.model_reader.files import is_side_file, read_settings, side_file_settings
from catalog.model_reader.layer_kinds import layer_kinds
from catalog.model_reader.quantisation import native_kv_precision, native_precision
from catalog.model_reader.refusals import refuse_impossible, refuse_others
from catalog.model_reader.row import model_row
from catalog.model_reader.type_defaults import completed
from catalog.parameters import BILLION, parameters
from catalog.schema import LanguageModel


def read_model_config(path: Path) -> LanguageModel:
    """The model of a `config.json` or litgpt `model_config.yaml`, or of the folder that holds it.

    Raises CatalogError with the reason when it is not the config of a text model.
    """
    if path.is_dir():
        names = ("config.json", "model_config.yaml")
        path = next((path / name for name in names if (path / name).is_file()), path / names[0])
    content = read_settings(path)
    if is_side_file(content):
        raise CatalogError(
            "is the quantisation side file of a checkpoint, not its config",
            file=str(path),
            hint="give the config.json next to it",
        )
    if found := side_file_settings(path):
        stated = content.get("quantization_config") or {"quant_method": "modelopt"}
        content = {**content, "quantization_config": {**found, **stated}}
    name = path.parent.name if path.stem in ("config", "model_config") else path.stem
    return read_model(content, name=str(content.get("name") or name), file=str(path))


def read_model(content: Mapping[str, Any], *, name: str, file: str) -> LanguageModel:
    """The model that the settings of a config describe."""
    text = completed(_text_settings(content))
    try:
        config = Config.model_validate(text)
    except ValidationError as error:
        raise _refusal(error, text, file) from None
    refuse_others(config, text, file)
    kinds = layer_kinds(config)
    if kinds is None:
        raise CatalogError(
            "does not say how many layers the model has",
            file=file,
            column="num_hidden_layers",
            hint="is it the config of a text model?",
        )
    row = model_row(config, kinds, file)
    row.update(id=name, family=config.model_type or "unknown", **_format(config, content, file))
    try:
        model = LanguageModel.model_validate({**row, "total_params_b": 1.0, "active_params_b": 1.0})
    except ValidationError as error:
        raise _refusal(error, text, file) from None
    refuse_impossible(model, file)
    counted = parameters(model)
    return model.model_copy(
        update={
            "total_params_b": round(counted.total / BILLION, 3),
            "active_params_b": round(counted.active / BILLION, 3),
        }
    )


def _text_settings(content: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of the text part: vision models nest them, litgpt nests latent attention."""
    nested = (
        content.get("text_config") or content.get("llm_config") or content.get("thinker_config")
    )
    settings = {**content, **nested} if isinstance(nested, Mapping) else dict(content)
    if isinstance(settings.get("latent_attention"), Mapping):
        settings.update(settings["latent_attention"])
    for key in ("tie_word_embeddings", "model_type", "quantization_config"):
        if isinstance(nested, Mapping) and key not in nested and key in content:
            settings[key] = content[key]
    return settings


def _format(config: Config, content: Mapping[str, Any], file: str) -> dict[str, Any]:
    dtype = config.dtype or str(content.get("torch_dtype") or content.get("dtype") or "bfloat16")
    settings = config.quantization_config
    precision = native_precision(settings, dtype, config.expert_dtype)
    if precision is None:
        raise CatalogError(
            f"has a quantisation that is not known: {(settings or {}).get('quant_method')}",
            file=file,
            column="quantization_config",
            hint="known: fp8, NVFP4, MXFP4, AWQ, GPTQ and compressed-tensors of those",
        )
    return {
        "native_dtype": dtype,
        "native_quantisation": _described(settings),
        "native_precision": precision,
        "native_kv_precision": native_kv_precision(settings),
    }


def _described(settings: Mapping[str, Any] | None) -> str | None:
    """Method of a quantised checkpoint, with its blocks: `fp8/block[128, 128]`."""
    if not settings:
        return None
    method = str(settings.get("quant_algo") or settings.get("quant_method") or "unknown")
    block = settings.get("weight_block_size")
    return f"{method}/block{list(block)}" if isinstance(block, list) and len(block) == 2 else method


def _refusal(error: ValidationError, settings: Mapping[str, Any], file: str) -> CatalogError:
    first = error.errors()[0]
    column = str(first["loc"][0]) if first["loc"] else None
    column = "vocab_size" if column == "padded_vocab_size" else column
    if first["type"] == "missing":
        kind = settings.get("model_type") or "unknown kind"
        return CatalogError(
            f"is missing (model of {kind})",
            file=file,
            column=column,
            hint="only decoder-only text models can be read",
        )
    return CatalogError(
        f"{settings.get(column or '')!r}: {first['msg'].lower()}", file=file, column=column
    )
