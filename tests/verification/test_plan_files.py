"""Files that a saved plan names are found beside the plan, then in the working folder."""

import json
from pathlib import Path

import pytest

from catalog import Catalog
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.verification.plan_files import spec_and_catalog

CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096,
    "intermediate_size": 14336, "num_attention_heads": 32, "num_key_value_heads": 8,
    "num_hidden_layers": 32, "vocab_size": 128256, "torch_dtype": "bfloat16",
}  # fmt: skip


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """(folder of the plan, working folder)"""
    plans, here = tmp_path / "plans", tmp_path / "here"
    plans.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    return plans, here


def found(facts: Catalog, folder: Path | None, **names: object) -> tuple[dict[str, object], list]:
    """Names as they were found, and the overlays that were loaded."""
    loaded: list[Path] = []

    def load(overlays: list[Path]) -> Catalog:
        loaded.extend(overlays)
        return facts

    asked = {"model": "8b", "qps": "10qps", "p99": "1s"} | names
    plan = Plan(status="optimal", proof="", spec=asked, model="8b", targets=())
    spec, _ = spec_and_catalog(plan, folder, load)
    return {name: getattr(spec, name) for name in names}, loaded


def test_a_file_in_the_working_folder_is_found(facts, folders):
    plans, here = folders
    (here / "offers.csv").touch()
    names, loaded = found(facts, plans, catalog=["offers.csv"])
    assert names == {"catalog": ("offers.csv",)}
    assert loaded == [Path("offers.csv")]


def test_a_file_beside_the_plan_goes_before_one_of_the_working_folder(facts, folders):
    plans, _ = folders
    for folder in folders:
        (folder / "offers.csv").touch()
        (folder / "req.csv").touch()
        (folder / "constants").mkdir()
    names, loaded = found(
        facts, plans, catalog=["offers.csv"], trace="req.csv", calibration="constants"
    )
    assert loaded == [plans / "offers.csv"]
    assert (names["trace"], names["calibration"]) == (
        str(plans / "req.csv"),
        str(plans / "constants"),
    )
    assert found(facts, None, trace="req.csv")[0] == {"trace": "req.csv"}


@pytest.mark.parametrize(
    ("flag", "given"),
    [
        ("--catalog", {"catalog": ["offers.csv"]}),
        ("--trace", {"trace": "req.csv"}),
        ("--calibration", {"calibration": "constants"}),
        ("--model", {"model": "./config.json"}),
        ("--model", {"model": "8b=70,./config.json=80"}),
    ],
)
def test_a_file_that_is_missing_says_where_it_was_looked_for(facts, folders, flag, given):
    plans, here = folders
    with pytest.raises(SpecError) as caught:
        found(facts, plans, **given)
    said = str(caught.value)
    assert said.startswith(f"the plan was made with {flag} ")
    assert f"neither beside the plan in {plans} nor in the working folder {here}" in said
    with pytest.raises(SpecError, match=r"is not in the working folder .* copy the file here"):
        found(facts, here, **given)
    with pytest.raises(SpecError, match=r"is not in the working folder .* copy the file here"):
        found(facts, None, **given)


def test_an_absolute_name_is_looked_for_there_alone(facts, folders):
    plans, here = folders
    (plans / "offers.csv").touch()
    elsewhere = here / "offers.csv"
    with pytest.raises(SpecError, match="not on this machine"):
        found(facts, plans, catalog=[str(elsewhere)])
    elsewhere.touch()
    assert found(facts, plans, catalog=[str(elsewhere)])[1] == [elsewhere]


def test_configurations_of_models_are_found_and_names_stay(facts, folders):
    plans, _ = folders
    (plans / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (plans / "8b").mkdir()  # a folder does not stand for a name of the catalogue
    known = next(name for name in facts.models if "/" in name)
    (plans / known).mkdir(parents=True)
    assert found(facts, plans, model="./config.json")[0] == {"model": str(plans / "config.json")}
    assert found(facts, plans, model="8b=70,./config.json=80")[0] == {
        "model": f"8b=70,{plans / 'config.json'}=80"
    }
    assert found(facts, plans, model=known)[0] == {"model": known}
    assert found(facts, plans, model="somebody/model-on-a-hub")[0] == {
        "model": "somebody/model-on-a-hub"
    }
