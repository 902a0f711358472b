"""Looking a model up on the Hugging Face hub, with the optional `hub` extra.

Only `config.json` and `hf_quant_config.json` are fetched, never weights.
"""

from pathlib import Path

from catalog.errors import CatalogError
from catalog.schema import LanguageModel

TIMEOUT_S = 10.0


def hub_model(identifier: str, *, near: str | None = None) -> LanguageModel:
    """The model of a hub id such as `org/name`; CatalogError says what is missing.

    `near` is a hint at models of the catalogue with a similar name.
    """
    also = f"{near} Or " if near else ""
    try:
        from huggingface_hub import hf_hub_download  # type: ignore[import-not-found]
    except ImportError:
        raise CatalogError(
            f"unknown model {identifier!r}",
            hint=f"{also}`pip install llm-hardware-recommender[hub]` looks it up on the hub, "
            "or give its config.json: --model ./config.json",
        ) from None
    try:
        config = Path(hf_hub_download(identifier, "config.json", etag_timeout=TIMEOUT_S))
    except Exception as error:  # the library has a dozen kinds: offline, gated, not found
        raise CatalogError(
            f"{identifier!r} could not be fetched from the hub: {type(error).__name__}",
            hint=f"{also}check the id and the network, or give its config.json: "
            "--model ./config.json",
        ) from error
    from catalog.model_reader import read_model_config

    return read_model_config(config).model_copy(update={"id": identifier})
