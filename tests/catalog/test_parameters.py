"""Parameter counts: by hand, against published sizes, and every exception explained."""

import csv
import math
from pathlib import Path

import pytest

import catalog
from catalog.parameters import attention_per_layer, parameters
from catalog.schema import LanguageModel

CATALOG = catalog.load()
BILLION = 1e9


def exceptions() -> dict[tuple[str, str], tuple[str, str]]:
    file = Path(catalog.__file__).parent / "data" / "parameter_exceptions.csv"
    with file.open() as lines:
        return {(r["model"], r["column"]): (r["kind"], r["reason"]) for r in csv.DictReader(lines)}


EXCEPTIONS = exceptions()


def matches(computed: float, published: float) -> bool:
    """Within 0.5 % or the rounding of the published figure (trillions: one decimal)."""
    digits = len(f"{published:g}".partition(".")[2])
    rounding = 50 if published >= 1000 else 0.5 * 10**-digits
    return abs(computed - published) <= max(0.005 * published, rounding)


def test_llama_8b_by_hand() -> None:
    model = CATALOG.model("meta-llama/Llama-3.1-8B-Instruct")
    # attention: 4096*128*(32 + 2*8) + 32*128*4096 = 25_165_824 + 16_777_216
    assert attention_per_layer(model) == 41_943_040
    counted = parameters(model)
    # FFN: 32 * 3*4096*14336; head and embedding: 128256*4096 each
    assert counted.dense_ffn == 32 * 176_160_768
    assert counted.head == counted.embedding == 525_336_576
    # 32*41_943_040 + 32*176_160_768 + 2*525_336_576 = 8_029_995_008
    assert counted.total == 8_029_995_008


def test_deepseek_v2_by_hand() -> None:
    model = CATALOG.model("deepseek-ai/DeepSeek-V2")
    # queries 5120*1536 + 1536*128*192 = 7_864_320 + 37_748_736
    # keys, values 5120*(512+64) + 512*128*(128+128) = 2_949_120 + 16_777_216
    # output 128*128*5120 = 83_886_080; sum 149_225_472
    assert attention_per_layer(model) == 149_225_472
    counted = parameters(model)
    # experts: 59 layers * 160 * 3*5120*1536 = 222_717_542_400
    assert counted.routed_experts == 59 * 160 * 3 * 5120 * 1536
    assert counted.active_share == 6 / 160
    assert counted.total / BILLION == pytest.approx(235.74, abs=0.01)
    # without the input embedding 102400*5120 = 0.524e9: 21.38 - 0.52
    assert counted.active / BILLION == pytest.approx(20.86, abs=0.01)


def test_dense_model_is_fully_active_but_for_its_embedding() -> None:
    counted = parameters(CATALOG.model("70b"))
    assert counted.active == counted.total - counted.embedding


@pytest.mark.parametrize("model", CATALOG.models.values(), ids=lambda model: model.id)
def test_counts_match_the_published_ones(model: LanguageModel) -> None:
    counted = parameters(model)
    total, active = counted.total / BILLION, counted.active / BILLION
    assert model.total_params_b == pytest.approx(total, abs=6e-4)
    assert model.active_params_b == pytest.approx(active, abs=6e-4)
    for column, computed, published in (
        ("total_params_b", total, model.published_total_params_b),
        ("active_params_b", active, model.published_active_params_b),
    ):
        exception = EXCEPTIONS.get((model.id, column))
        if published is None or matches(computed, published):
            assert exception is None, "explained although it matches"
            continue
        assert exception is not None, f"{column}: {computed:.3f} against {published}"
        kind, reason = exception
        assert reason
        if kind == "rounded_down":
            assert math.floor(computed) == published
        elif kind == "with_input_embedding":
            assert matches(computed + counted.embedding / BILLION, published)
        elif kind == "without_head":
            assert matches(computed - counted.head / BILLION, published)
        else:
            assert kind == "stated"


def test_no_exception_for_an_unknown_model() -> None:
    assert {model for model, _ in EXCEPTIONS} <= set(CATALOG.models)


def test_more_experts_per_token_are_more_active() -> None:
    model = CATALOG.model("671b")
    more = model.model_copy(update={"experts_per_token": model.experts_per_token + 1})
    assert parameters(more).active > parameters(model).active
    assert parameters(more).total == parameters(model).total
