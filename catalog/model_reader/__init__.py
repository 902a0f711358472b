"""From a Hugging Face `config.json` (or a litgpt `model_config.yaml`) to a LanguageModel."""

from catalog.model_reader.read import read_model, read_model_config

__all__ = ["read_model", "read_model_config"]
