"""From a Hugging Face `config.json` (or a litgpt `model_config.yaml`) to a LanguageModel.

read <- files, refusals (what is no decoder) -> config (settings under all their names)
<- type_defaults -> layer_kinds, attention, state_layers, nas, quantisation -> row
"""

from catalog.model_reader.read import read_model, read_model_config

__all__ = ["read_model", "read_model_config"]
