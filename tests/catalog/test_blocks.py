"""Where a model may be cut: block-quantised checkpoints, and models quantised on loading."""

import catalog
from catalog.blocks import quantisation_block
from catalog.model_reader import read_model

CATALOG = catalog.load()


def block(model: str, precision: str) -> int:
    return quantisation_block(CATALOG.model(model), CATALOG.precision(precision))


def test_block_checkpoints_are_cut_at_whole_blocks() -> None:
    assert block("671b", "fp8") == 128
    assert block("Qwen/Qwen3-235B-A22B-FP8", "fp8") == 128  # experts of 1536 / tp 8 = 192: refused


def test_models_quantised_on_loading_have_a_scale_per_channel() -> None:
    assert block("236b", "fp8") == 1  # experts of 1536 over tp 8 are fine
    assert block("Qwen/Qwen3-32B-FP8-Static-PerTensor", "fp8") == 1


def test_groups_of_a_precision() -> None:
    assert block("70b", "int4") == 128
    assert block("70b", "fp4") == 16
    assert block("70b", "bf16") == 1
    assert block("120b", "mxfp4") == 1  # padded by the engines


def test_a_config_keeps_its_blocks() -> None:
    content = {
        **{"hidden_size": 512, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 99},
        "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    }
    read = read_model(content, name="x", file="f")
    assert quantisation_block(read, CATALOG.precision("fp8")) == 128
