"""Reading config files: every kind of architecture, and refusals with a reason."""

import importlib.util
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog import CatalogError
from catalog.model_reader import read_model, read_model_config

CATALOG = catalog.load()

LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "torch_dtype": "bfloat16",
    "tie_word_embeddings": False,
}
DEEPSEEK_V3: dict[str, Any] = {
    **{"model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432},
    **{"num_attention_heads": 128, "num_key_value_heads": 128, "num_hidden_layers": 61},
    **{"q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "v_head_dim": 128},
    **{"qk_rope_head_dim": 64, "n_routed_experts": 256, "n_shared_experts": 1},
    **{"num_experts_per_tok": 8, "moe_intermediate_size": 2048, "first_k_dense_replace": 3},
    **{"moe_layer_freq": 1, "vocab_size": 129280, "max_position_embeddings": 163840},
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
}
GPT_OSS: dict[str, Any] = {
    **{"model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64},
    **{"num_attention_heads": 64, "num_key_value_heads": 8, "num_hidden_layers": 36},
    **{"num_local_experts": 128, "num_experts_per_tok": 4, "sliding_window": 128},
    **{"layer_types": ["sliding_attention", "full_attention"] * 18, "vocab_size": 201088},
    **{"max_position_embeddings": 131072, "quantization_config": {"quant_method": "mxfp4"}},
}
QWEN3_5: dict[str, Any] = {
    "model_type": "qwen3_5",
    "tie_word_embeddings": False,
    "text_config": {
        **{"hidden_size": 5120, "intermediate_size": 17408, "num_hidden_layers": 64},
        **{"num_attention_heads": 24, "num_key_value_heads": 4, "head_dim": 256},
        **{"full_attention_interval": 4, "attn_output_gate": True, "vocab_size": 248320},
        **{"linear_conv_kernel_dim": 4, "linear_num_key_heads": 16, "linear_key_head_dim": 128},
        **{"linear_num_value_heads": 48, "linear_value_head_dim": 128},
        **{"max_position_embeddings": 262144, "dtype": "bfloat16"},
    },
}
NEMOTRON_H: dict[str, Any] = {
    **{"model_type": "nemotron_h", "hidden_size": 8192, "intermediate_size": 32768},
    **{"num_attention_heads": 64, "num_key_value_heads": 8, "attention_head_dim": 128},
    **{"mamba_num_heads": 256, "mamba_head_dim": 64, "ssm_state_size": 256, "n_groups": 8},
    **{"conv_kernel": 4, "vocab_size": 131072, "max_position_embeddings": 8192},
    "hybrid_override_pattern": "M-M-M-M*-" + "M-M-M-M-M*-" * 9 + "M-M-M-M-M-",
}
SHIPPED = {
    "meta-llama/Llama-3.1-8B-Instruct": LLAMA,
    "deepseek-ai/DeepSeek-V3": DEEPSEEK_V3,
    "openai/gpt-oss-120b": GPT_OSS,
    "Qwen/Qwen3.5-27B": QWEN3_5,
}
SAME = (
    *("attention", "layers", "hidden", "heads", "kv_heads", "head_dim", "routed_experts"),
    *("experts_per_token", "expert_intermediate", "shared_expert_intermediate", "state_layers"),
    *("growing_layers", "windowed_layers", "sliding_window", "kv_lora_rank", "tied_embeddings"),
    *("native_precision", "state_bytes_per_sequence", "max_context"),
)


@pytest.mark.parametrize("name", SHIPPED)
def test_configs_give_the_shipped_rows(name: str) -> None:
    read, shipped = read_model(SHIPPED[name], name=name, file="config.json"), CATALOG.model(name)
    for column in SAME:
        assert getattr(read, column) == getattr(shipped, column), column
    assert read.total_params_b == pytest.approx(shipped.total_params_b, abs=2e-3)


def test_nemotron_h() -> None:
    read = read_model(NEMOTRON_H, name="x", file="config.json")
    assert (read.layers, read.attention_layers, read.state_layers) == (118, 10, 54)
    # 54 layers * (256*64*256 * 4 B state + (16384 + 2*8*256) * 3 * 2 B convolution)
    assert read.state_bytes_per_sequence == 54 * (16_777_216 + 122_880)
    assert read.total_params_b == pytest.approx(56.3, abs=0.1)  # published: 56


@pytest.mark.parametrize(
    "model",
    [m for m in CATALOG.models.values() if m.attention_params_m is None and not m.state_layers],
    ids=lambda model: model.id,
)
def test_round_trip_of_plain_models(model: catalog.schema.LanguageModel) -> None:
    """A config written from a shipped row reads back to the same size and cache."""
    config = {
        "hidden_size": model.hidden,
        "num_hidden_layers": model.layers,
        "num_attention_heads": model.heads,
        "num_key_value_heads": model.kv_heads,
        "intermediate_size": model.intermediate or None,
        "vocab_size": model.vocab,
        "head_dim": model.head_dim,
        "tie_word_embeddings": model.tied_embeddings,
        "model_type": "opt" if model.ffn_matrices == 2 else "llama",
        "q_lora_rank": model.q_lora_rank or None,
        "kv_lora_rank": model.kv_lora_rank or None,
        "qk_nope_head_dim": model.qk_nope_head_dim,
        "qk_rope_head_dim": model.qk_rope_head_dim,
        "v_head_dim": model.v_head_dim,
        "n_routed_experts": model.routed_experts or None,
        "num_experts_per_tok": model.experts_per_token,
        "moe_intermediate_size": model.expert_intermediate,
        "n_shared_experts": model.shared_experts,
        "shared_expert_intermediate_size": model.shared_expert_intermediate,
        "moe_layer_freq": [0] * (model.layers - model.expert_layers) + [1] * model.expert_layers,
        "sliding_window": model.sliding_window,
        "layer_types": ["full_attention"] * (model.layers - model.windowed_layers)
        + ["sliding_attention"] * model.windowed_layers,
    }
    read = read_model(config, name=model.id, file="config.json")
    assert read.total_params_b == pytest.approx(model.total_params_b, rel=1e-4)
    assert read.active_params_b == pytest.approx(model.active_params_b, rel=1e-4)
    assert read.attention == model.attention
    assert read.windowed_layers == model.windowed_layers


def test_gpt2_names_are_understood() -> None:
    content = {
        "model_type": "gpt2",
        "n_embd": 768,
        "n_layer": 12,
        "n_head": 12,
        "vocab_size": 50257,
    }
    read = read_model(content, name="gpt2", file="config.json")
    # 12*(4*768^2 + 2*768*3072) + 50257*768 = 123.5 million (124 with positions and biases)
    assert read.total_params_b == pytest.approx(0.1235, abs=1e-3)


def test_litgpt_names_are_understood() -> None:
    content = {
        **{"name": "Llama-3.1-8B", "n_embd": 4096, "n_layer": 32, "n_head": 32, "head_size": 128},
        **{"n_query_groups": 8, "intermediate_size": 14336, "mlp_class_name": "LLaMAMLP"},
        **{"padded_vocab_size": 128256, "vocab_size": 128000, "block_size": 131072},
    }
    assert read_model(content, name="x", file="f").total_params_b == pytest.approx(8.03, abs=1e-2)


@pytest.mark.parametrize(
    ("quantisation", "precision"),
    [
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "fp4"),
        ({"quant_method": "awq", "bits": 4}, "int4"),
        ({"quant_method": "fp8"}, "fp8"),
        ({"quant_method": "gptq", "bits": 8}, "int8"),
        ({"quant_method": "compressed-tensors", "format": "pack-quantized"}, "int4"),
        ({"quant_method": "compressed-tensors", "format": "float-quantized"}, "fp8"),
    ],
)
def test_quantisation(quantisation: dict[str, Any], precision: str) -> None:
    content = {**LLAMA, "quantization_config": quantisation}
    assert read_model(content, name="x", file="f").native_precision == precision


def test_experts_in_four_bits_decide() -> None:
    content = {**DEEPSEEK_V3, "expert_dtype": "fp4"}
    assert read_model(content, name="x", file="f").native_precision == "mxfp4"


def test_files_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "My-Model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8-sig")
    side = {"quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}}
    (folder / "hf_quant_config.json").write_text(json.dumps(side))
    read = read_model_config(folder)
    assert read.id == "My-Model"
    assert (read.native_precision, read.native_kv_precision) == ("fp8", "fp8")
    with pytest.raises(CatalogError, match="side file"):
        read_model_config(folder / "hf_quant_config.json")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON"),
        ("not json", "is not JSON"),
        ("[1, 2]", "not a mapping"),
        ("[" * 100_000, "is not JSON"),
        ("{}", "hidden_size: is missing"),
        (json.dumps({**LLAMA, "hidden_size": "big"}), "hidden_size: 'big'"),
        (json.dumps({**LLAMA, "hidden_size": -4096}), "hidden_size"),
        (json.dumps({**LLAMA, "num_hidden_layers": None}), "how many layers"),
        (json.dumps({**LLAMA, "quantization_config": {"quant_method": "hqq"}}), "not known: hqq"),
        (json.dumps({**LLAMA, "is_encoder_decoder": True}), "encoder-decoder"),
        (json.dumps({**LLAMA, "architectures": ["BertForMaskedLM"]}), "not a language model"),
        (json.dumps({**LLAMA, "model_type": "bert", "architectures": None}), "an encoder"),
        (json.dumps({**LLAMA, "attn_layer_period": 8}), "Jamba's mix of layers"),
        (json.dumps({"model_type": "vit", "image_size": 224}), "decoder-only"),
        (json.dumps({**LLAMA, "num_key_value_heads": 7}), "7 KV heads do not divide 32"),
        (json.dumps({**DEEPSEEK_V3, "num_experts_per_tok": 300}), "300 experts per token of 256"),
    ],
)
def test_refusals(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(text)
    with pytest.raises(CatalogError, match=reason) as caught:
        read_model_config(file)
    assert str(file) in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        read_model_config(tmp_path / "nothing.json")


def installed_configs() -> list[Path]:
    """Configs that aiconfigurator-core ships, where it is installed."""
    found = importlib.util.find_spec("aiconfigurator_core")
    if found is None or not found.submodule_search_locations:
        return []
    return sorted((Path(found.submodule_search_locations[0]) / "model_configs").glob("*.json"))


@pytest.mark.skipif(not installed_configs(), reason="aiconfigurator-core is not installed")
def test_every_config_of_aiconfigurator_is_read_or_refused() -> None:
    for file in installed_configs():
        if "hf_quant_config" in file.name:
            with pytest.raises(CatalogError, match="side file"):
                read_model_config(file)
            continue
        read = read_model_config(file)
        name = file.name.removesuffix("_config.json").replace("--", "/", 1)
        shipped = CATALOG.model(name)
        assert read.total_params_b == pytest.approx(shipped.total_params_b, rel=1e-3)
        assert read.native_precision == shipped.native_precision


LITGPT = importlib.util.find_spec("litgpt")


@pytest.mark.skipif(LITGPT is None, reason="litgpt is not installed")
def test_every_config_of_litgpt_is_read() -> None:
    assert LITGPT is not None and LITGPT.origin is not None
    # the package imports torch; its table of configs does not need it
    spec = importlib.util.spec_from_file_location(
        "litgpt_config", Path(LITGPT.origin).with_name("config.py")
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["litgpt_config"] = module
    spec.loader.exec_module(module)
    for settings in module.configs:
        content = asdict(module.Config(**settings))
        assert read_model(content, name=settings["name"], file="litgpt").total_params_b > 0
