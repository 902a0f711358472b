"""Models that are only a size, and names that are files or hub ids."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catalog
from catalog import CatalogError
from catalog.assumed_size import assumed_size, nearest_sizes
from catalog.parameters import parameters
from catalog.shapes import parse_shape, shaped

CATALOG = catalog.load()


@pytest.mark.parametrize(
    ("name", "size"),
    [("34b", (34, None)), ("236B-a21b", (236, 21)), ("1t-a32b", (1000, 32)), ("0.6b", (0.6, None))],
)
def test_sizes_are_read(name: str, size: tuple[float, float | None]) -> None:
    assert parse_shape(name) == size


@pytest.mark.parametrize("name", ["llama", "b", "34", "34b-21b", "a21b", "-3b"])
def test_other_names_are_no_sizes(name: str) -> None:
    assert parse_shape(name) is None


@pytest.mark.parametrize("name", ["0b", "21b-a236b", "20b-a0b"])
def test_impossible_sizes(name: str) -> None:
    with pytest.raises(CatalogError, match="not the size of a model"):
        parse_shape(name)


def test_an_alias_comes_before_a_size() -> None:
    assert CATALOG.model("70b").id == "meta-llama/Llama-3.1-70B-Instruct"
    assert CATALOG.model("52b").verification == "derived"


@settings(max_examples=60, deadline=None)
@given(st.floats(0.5, 700))
def test_dense_sizes_are_reached(total_b: float) -> None:
    model = shaped(f"{total_b:.1f}b", CATALOG.models.values())
    assert model is not None
    assert parameters(model).total / 1e9 == pytest.approx(float(f"{total_b:.1f}"), rel=0.02)
    assert not model.is_moe


@pytest.mark.parametrize(("total_b", "active_b"), [(236, 21), (30, 3), (100, 12), (400, 17)])
def test_mixtures_are_reached(total_b: int, active_b: int) -> None:
    model = shaped(f"{total_b}b-a{active_b}b", CATALOG.models.values())
    assert model is not None
    assert parameters(model).total / 1e9 == pytest.approx(total_b, rel=0.02)
    assert parameters(model).active / 1e9 == pytest.approx(active_b, rel=0.05)
    assert "stretched from" in model.source


def test_a_size_says_whose_architecture_it_has() -> None:
    """|log(999/1026.4)| = 0.03, of 743.9 0.29, of 671.9 0.40, of 1572.9 0.45."""
    assumed = CATALOG.model("999b")
    assert assumed_size(assumed) == (
        "no model of the catalogue, assumed is meta-llama/Llama-3.1-405B-Instruct stretched to"
        " this size"
    )
    sizes = nearest_sizes(assumed, CATALOG.models.values())
    assert re.findall(r"([\d,.]+)b \(", sizes) == ["1,026.4", "743.9", "671.9"]
    assert assumed_size(CATALOG.model("70b")) is None
    assert assumed.quality_source is None  # of the benchmark of another model


def test_a_size_beyond_every_template() -> None:
    with pytest.raises(CatalogError, match=r"give a config\.json"):
        CATALOG.model("2t-a1b")
    with pytest.raises(CatalogError, match=r"be stretched to 99999b.*the nearest is meta-llama"):
        CATALOG.model("99999b")  # 31,369 layers


def test_experts_of_a_size() -> None:
    assert CATALOG.model("8x7b").id == "mistralai/Mixtral-8x7B-v0.1"  # an alias
    with pytest.raises(CatalogError, match=r"such as 47b-a13b"):
        CATALOG.model("7x8b")


def test_a_config_file_is_a_model(tmp_path: Path) -> None:
    config = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 99}
    file = tmp_path / "config.json"
    file.write_text(json.dumps({**config, "model_type": "llama"}))
    assert CATALOG.model(str(file)).layers == 2
    assert CATALOG.model(str(tmp_path)).layers == 2


def test_a_hub_id_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(CatalogError, match=r"\[hub\]"):
        CATALOG.model("zzqx-lab/zzqx-model")
    with pytest.raises(CatalogError, match=r"did you mean .*\[hub\]"):
        CATALOG.model("acme/Llama-3.1-8B-tuned")  # near a known name, and yet another model


def test_a_hub_id_near_a_known_name_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 99}
    file = tmp_path / "config.json"
    file.write_text(json.dumps({**config, "model_type": "llama"}))
    hub = SimpleNamespace(hf_hub_download=lambda identifier, name, **_: str(file))
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    found = CATALOG.model("acme/Llama-3.1-8B-tuned")
    assert (found.id, found.layers) == ("acme/Llama-3.1-8B-tuned", 2)


def test_the_hub_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> str:
        raise OSError("no route")

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=offline))
    with pytest.raises(CatalogError, match="could not be fetched from the hub: OSError"):
        CATALOG.model("zzqx-lab/zzqx-model")
