"""A key or flag without a value is refused: dropping it would drop a limit or a guarantee."""

import pytest

from recommender.errors import SpecError
from recommender.request.blanks import parts
from recommender.request.spec import Spec
from recommender.request.spec_file import make_spec, read_spec_file

ASKED = {"model": "8b", "qps": "20", "p99": "500ms"}


@pytest.mark.parametrize("name", Spec.model_fields)
@pytest.mark.parametrize("nothing", [None, "", "  ", "\n"])
def test_no_key_is_taken_without_a_value(name, nothing):
    with pytest.raises(SpecError, match=f"--{name.replace('_', '-')} is given without a value"):
        make_spec(ASKED | {name: nothing})


@pytest.mark.parametrize("name", ["survive", "gpu", "slo", "catalog", "terms"])
def test_nor_is_a_list_with_nothing_in_it_somewhere(name):
    with pytest.raises(SpecError, match="one of its values is empty"):
        make_spec(ASKED | {name: ["rack", ""]})
    with pytest.raises(SpecError, match="one of its values is empty"):
        make_spec(ASKED | {name: [None]})


@pytest.mark.parametrize("text", [",", "rack,", ",rack", "rack,,zone"])
def test_nothing_beside_a_comma(text):
    with pytest.raises(SpecError, match="nothing on one side"):
        make_spec(ASKED | {"survive": text})


def test_an_empty_list_says_that_there_is_none_and_is_taken():
    """The spec in a saved plan says so; of terms none would leave nothing to buy."""
    assert make_spec(ASKED | {"survive": [], "gpu": [], "slo": []}) == make_spec(ASKED)
    with pytest.raises(SpecError, match="terms"):
        make_spec(ASKED | {"terms": []})


def test_yaml_keys_without_a_value(tmp_path):
    path = tmp_path / "spec.yaml"
    for line in ("survive:", "survive: ~", "survive: ''", "survive: null", "survive: # rack"):
        path.write_text(f"model: 8b\nqps: 20\np99: 500ms\n{line}\n")
        with pytest.raises(SpecError, match="--survive is given without a value"):
            make_spec(read_spec_file(path))


def test_classes_are_named_once():
    assert make_spec(ASKED | {"survive": "rack,rack,zone"}).survive == ("rack", "zone")
    assert make_spec(ASKED | {"survive": ["zone", "zone"]}).survived == ("zone",)


def test_parts():
    assert parts(" a , b", ",") == ("a", "b")
    assert parts("a", ",") == ("a",)


@pytest.mark.parametrize("name", ["model", "gpu", "trace", "region", "profile", "qps"])
def test_endless_texts_and_null_characters(name):
    with pytest.raises(SpecError, match="100,000 characters long; 10,000 are read"):
        make_spec(ASKED | {name: "a" * 100_000})
    with pytest.raises(SpecError, match="null character"):
        make_spec(ASKED | {name: "a\0b"})
