"""The shipped catalogue: loads, is complete, and answers look-ups."""

import datetime
from collections import Counter

import pytest

import catalog
from catalog import CatalogError
from catalog.nameplate import nameplate


@pytest.fixture(scope="module")
def shipped() -> catalog.Catalog:
    return catalog.load()


def test_sizes(shipped: catalog.Catalog) -> None:
    assert len(shipped.accelerators) >= 80
    assert len(shipped.offers) >= 1000
    assert len(shipped.default_offers()) >= 300
    assert len(shipped.models) >= 180
    assert {"vllm", "sglang", "trtllm", "llama.cpp"} <= set(shipped.engines)
    presets = {"chat", "code", "rag", "reasoning", "long-context", "fixed", "batch"}
    assert presets <= set(shipped.workloads)


def test_every_row_has_source_and_date(shipped: catalog.Catalog) -> None:
    tables = (
        *(shipped.accelerators.values(), shipped.offers.values(), shipped.models.values()),
        *(shipped.chassis.values(), shipped.facts.values(), shipped.precisions.values()),
        *(shipped.support_rows.values(), shipped.kv_support_rows.values()),
        *(shipped.quality_losses, shipped.engines.values(), shipped.workloads.values()),
        shipped.exchange_rates.values(),
    )
    for rows in tables:
        for row in rows:
            assert row.source, row
            assert row.read_on is not None, row
    assert all(offer.date for offer in shipped.offers.values())


def test_default_offers_are_dated_list_prices_of_whole_nodes(shipped: catalog.Catalog) -> None:
    for offer in shipped.default_offers():
        assert offer.terms == "on_demand"
        assert offer.kind == "list"
        assert offer.whole_node
        assert offer.date_precision != "undated"
        assert offer.date is not None
        assert shipped.as_of - offer.date <= datetime.timedelta(days=366)


def test_236b_is_deepseek_v2(shipped: catalog.Catalog) -> None:
    model = shipped.model("236B")
    assert model.id == "deepseek-ai/DeepSeek-V2"
    assert model.attention == "MLA"
    assert model.total_params_b == pytest.approx(236, rel=5e-3)


@pytest.mark.parametrize(
    ("alias", "model"),
    [
        ("70b", "meta-llama/Llama-3.1-70B-Instruct"),
        ("405b", "meta-llama/Llama-3.1-405B-Instruct"),
        ("671b", "deepseek-ai/DeepSeek-V3"),
        ("r1", "deepseek-ai/DeepSeek-R1"),
        ("120b", "openai/gpt-oss-120b"),
        ("qwen/qwen3-32b", "Qwen/Qwen3-32B"),
        ("qwen3:32b", "Qwen/Qwen3-32B"),
        ("llama3.1:8b", "meta-llama/Llama-3.1-8B-Instruct"),
        ("deepseek-r1:8b", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"),
        ("gpt_oss_20b", "openai/gpt-oss-20b"),
    ],
)
def test_aliases(shipped: catalog.Catalog, alias: str, model: str) -> None:
    assert shipped.model(alias).id == model


def test_model_aliases_are_unique(shipped: catalog.Catalog) -> None:
    names = Counter(
        name.casefold() for row in shipped.models.values() for name in (row.id, *row.aliases)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_accelerator_families(shipped: catalog.Catalog) -> None:
    h100 = shipped.accelerator_names("H100")
    assert "H100 80GB SXM5" in h100
    assert "H100 NVL 94GB" in h100
    assert all(name.startswith("H100") for name in h100)
    assert shipped.accelerator_names("L4") == ["L4"]
    assert shipped.accelerator_names("B200") == ["B200 180GB SXM"]
    assert "MI300X" in shipped.accelerator_names("amd")


@pytest.mark.parametrize(
    ("look_up", "name", "hint"),
    [
        ("model", "deepsek-v2", "did you mean DeepSeek-V2"),
        ("accelerator_names", "H1000", "did you mean H100"),
        ("engine", "vlm", "did you mean vllm"),
        ("workload", "chatt", "did you mean chat"),
        ("precision", "fp9", "did you mean"),
    ],
)
def test_unknown_names_get_a_hint(
    shipped: catalog.Catalog, look_up: str, name: str, hint: str
) -> None:
    with pytest.raises(CatalogError, match=hint):
        getattr(shipped, look_up)(name)


def test_support(shipped: catalog.Catalog) -> None:
    assert shipped.support("vllm", "H100 80GB SXM5", "fp8").mode == "native"
    ampere = shipped.support("vllm", "A100 80GB SXM4", "fp8")
    assert (ampere.mode, ampere.compute_format) == ("weight_only", "bf16")
    assert shipped.support("vllm", "T4", "bf16").mode == "none"
    assert shipped.support("vllm", "T4", "fp16").mode == "native"
    assert shipped.support("vllm", "B200 180GB SXM", "fp4").mode == "native"
    assert shipped.support("vllm", "H100 80GB SXM5", "nonsense").mode == "none"
    assert shipped.kv_supported("vllm", "H100 80GB SXM5", "fp8")
    assert not shipped.kv_supported("vllm", "T4", "fp8")


def test_quality_loss(shipped: catalog.Catalog) -> None:
    assert shipped.quality_loss("fp8", "bf16", "llama-3.1")[:2] == (0.0, "measured")
    assert shipped.quality_loss("fp8", "bf16", "deepseek-v2")[:2] == (0.0, "transferred")
    assert shipped.quality_loss("fp8", "bf16", "deepseek-v3", "fp8")[:2] == (0.0, "native")
    # best method of Llama-3.1 is quantisation-aware training: 78.9 -> 76.1 = 96.5 %
    assert shipped.quality_loss("fp4", "bf16", "llama-3.1")[:2] == (3.5, "measured")
    # 3.5 (weights) + 6 (cache, transferred)
    assert shipped.quality_loss("fp4", "fp8", "llama-3.1")[:2] == (9.5, "transferred")
    assert shipped.quality_loss("q2", "bf16", "llama-3.1").basis == "unknown"


def test_checkpoints(shipped: catalog.Catalog) -> None:
    v3, qwen = shipped.model("671b"), shipped.model("Qwen/Qwen3-32B")
    assert shipped.checkpoint(v3, "fp8") == v3.id
    assert shipped.checkpoint(qwen, "fp8") == "Qwen/Qwen3-32B-FP8"
    assert shipped.checkpoint(shipped.model("236b"), "fp8") is None


def test_nameplate(shipped: catalog.Catalog) -> None:
    p5 = shipped.offer("aws/p5.48xlarge/us-east-1")
    assert (p5.nameplate_power_w, p5.nameplate_basis) == (10_200.0, "chassis DGX H100")
    one = shipped.offer("azure/Standard_NC40ads_H100_v5/eastus")
    assert one.nameplate_basis == "1.8 x TDP"
    assert one.nameplate_power_w == pytest.approx(1.8 * 400)  # H100 NVL: 400 W


def test_lengths_keep_the_means_of_the_traces(shipped: catalog.Catalog) -> None:
    means = {
        "chat": (1154.697, 211.126),
        "code": (2047.848, 27.883),
        "reasoning": (684.935, 813.387),
        "long-context": (12035.061, 342.619),
        "rag": (8192, 200),
        "fixed": (1024, 256),
    }
    for preset, (mean_input, mean_output) in means.items():
        inputs, outputs = shipped.lengths(preset)
        assert 1 <= len(inputs) <= 4096
        assert inputs.mean() == pytest.approx(mean_input, rel=0.01)
        assert outputs.mean() == pytest.approx(mean_output, rel=0.01)


def test_same_bytes_same_hash(shipped: catalog.Catalog) -> None:
    assert catalog.load().sha256 == shipped.sha256


def test_nothing_is_left_out_without_a_reason(shipped: catalog.Catalog) -> None:
    assert all(item.table and item.name and item.reason for item in shipped.left_out)


def test_a_chassis_of_the_very_size_comes_before_a_share_of_another(
    shipped: catalog.Catalog,
) -> None:
    large = shipped.chassis["DGX H100"]
    small = large.model_copy(
        update={"name": "half", "accelerators": 4, "nameplate_power_w": 5600.0}
    )
    board = shipped.accelerator("H100")
    assert nameplate(board, 4, [large, small]) == (5600.0, "chassis half")
    assert nameplate(board, 2, [large, small]) == (2550.0, "share of chassis DGX H100")
