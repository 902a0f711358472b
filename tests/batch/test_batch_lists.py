"""YAML and JSON files of many specs: lists, and documents between lines of `---`."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.batch import input as batch_input
from recommender.batch.input import read_items
from recommender.errors import SpecError
from recommender.request.spec_list import LARGEST_LIST_BYTES

SPEC = "model: 8b\nqps: 5\np99: 1s\n"
ENTRY = "- name: {}\n  model: 8b\n  qps: 5\n  p99: 1s\n"


@pytest.fixture
def items(tmp_path):
    """Items of a file with this text."""

    def read(text, name="specs.yaml", **defaults):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_items([path], defaults)

    return read


def named(found):
    return [(item.name, item.spec is not None) for item in found]


def test_a_list(items):
    found = items(ENTRY.format("a") + ENTRY.format("b") + SPEC.replace("model", "- model", 1)
                  .replace("\nq", "\n  q").replace("\np", "\n  p"))  # fmt: skip
    assert named(found) == [("a", True), ("b", True), ("specs-3", True)]


def test_documents(items):
    found = items(f"# services\n---\n{SPEC}--- # and\nname: b\n{SPEC}...\n---\n")
    assert named(found) == [("specs-1", True), ("b", True)]


def test_json(items):
    text = '[{"model": "8b", "qps": 5, "p99": "1s"}, {"name": "b", "model": "70b"}]'
    found = items(text, "all.json", qps=7, p99="2s")
    assert [(i.name, i.spec.qps) for i in found] == [("all-1", 5), ("b", 7)]


def test_a_directive_belongs_to_the_document_that_follows(items):
    assert named(items(f"%YAML 1.2\n---\n{SPEC}---\n{SPEC}")) == [
        ("specs-1", True),
        ("specs-2", True),
    ]


def test_names_are_kept_apart_as_those_of_tables(items):
    found = items(ENTRY.format("a") * 2 + ENTRY.format("specs-4") + ENTRY.format("''"))
    assert [i.name for i in found] == ["a", "a (2)", "specs-4", "specs-4 (2)"]


def test_entries_may_name_each_other(items):
    found = items(f"- &base\n{ENTRY.format('a').replace('- ', '  ')}- *base\n")
    assert named(found) == [("a", True), ("a (2)", True)]


def test_a_broken_document_is_refused_alone(items):
    found = items(
        f"name: good\n{SPEC}---\nname: open\nmodel: [8b\n---\nname: twice\n{SPEC}qps: 7\n"
        f"---\n- {{model: 8b\n---\n{SPEC}"
    )
    assert named(found) == [
        ("good", True), ("open", False), ("twice", False), ("specs-4", False), ("specs-5", True)
    ]  # fmt: skip
    _, unclosed, twice, nameless, _ = (item.error for item in found)
    assert "line 7: while parsing a flow sequence" in unclosed
    assert "line 9 gives qps twice" in twice
    assert "specs.yaml" in nameless


def test_a_broken_entry_is_refused_alone(items):
    found = items(
        ENTRY.format("a") + '- name: open\n  model: "8b\n' + ENTRY.format("b") + "- 5\n-\n- [1]\n"
        "- !!python/object/apply:os.system [echo]\n- name: deep\n  gpu: [[H100]]\n"
        "- name: odd\n  model: 8b\n  color: red\n" + ENTRY.format("c")
    )
    assert named(found) == [
        ("a", True), ("open", False), ("b", True), ("specs-4", False), ("specs-5", False),
        ("specs-6", False), ("specs-7", False), ("deep", False), ("odd", False), ("c", True),
    ]  # fmt: skip
    errors = [item.error for item in found if item.error]
    said = ("line 6: while scanning a quoted scalar", "line 11 must be a mapping",
            "line 12 is empty", "line 13 must be a mapping", "could not determine a constructor",
            "gpu must be one value or a list", "unknown key 'color'")  # fmt: skip
    assert all(part in error for part, error in zip(said, errors, strict=True))
    assert all("\n" not in error for error in errors)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n---\n"])
def test_nothing(items, text):
    (item,) = items(text)
    assert item.spec is None and "is empty" in item.error


def test_what_is_too_large_or_too_deep(items, monkeypatch):
    with pytest.raises(SpecError, match="larger than 4 MB; split it"):
        items("#" * (LARGEST_LIST_BYTES + 1))
    (item,) = items("[" * 50_000)
    assert "not readable YAML" in item.error
    monkeypatch.setattr(batch_input, "MOST_ITEMS", 3)
    with pytest.raises(SpecError, match="more than 3 rows"):
        items("- 1\n" * 4)


def test_a_few_aliases_do_not_stand_for_gigabytes(items):
    begin = time.process_time()
    bomb = "- a: &a [x, x, x, x, x, x, x, x]\n"
    for above, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"- {name}: &{name} [{', '.join([f'*{above}'] * 8)}]\n"
    found = items(bomb)
    assert not any(item.spec for item in found)
    assert time.process_time() - begin < 2


@given(st.lists(st.text("ab-[]{}:&*'\"%# \n\t.0é\x07", max_size=30), max_size=6))
def test_whatever_stands_between_good_documents_they_are_read(tmp_path_factory, texts):
    parts = [text.replace("---", "--") for text in texts]
    path = tmp_path_factory.mktemp("lists", numbered=True) / "specs.yaml"
    path.write_text(
        "".join(f"---\nname: good\n{SPEC}---\n{part}\n" for part in parts) + f"---\n{SPEC}"
    )
    good = [item for item in read_items([path], {}) if item.spec is not None]
    assert len(good) >= 1
    assert sum(item.name.startswith("good") for item in good) >= len(parts)
