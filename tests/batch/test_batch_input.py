"""Specs of a batch: every row becomes an item; what cannot be read says why, the rest go on."""

from pathlib import Path

import pytest

from recommender.batch.input import Item, read_items
from recommender.errors import SpecError


@pytest.fixture
def items(tmp_path):
    """Items of a file with this text."""

    def read(text, name="specs.csv", **defaults):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_items([path], defaults)

    return read


def test_columns_are_named_like_the_flags(items):
    (item,) = items('name,model,qps,ttft-p99,max_nodes,gpu\nchat,8b,2kqps,200ms,5,"H100,L4"\n')
    assert item.name == "chat"
    assert (item.spec.model, item.spec.qps, item.spec.ttft_p99) == ("8b", 2000, 0.2)
    assert (item.spec.max_nodes, item.spec.gpu) == (5, ("H100", "L4"))


def test_empty_cells_are_not_given(items):
    first, second = items("model,qps,p99,isl\n8b,5,1s,\n8b,5,1s, 900 \n")
    assert (first.spec.isl, second.spec.isl) == (None, 900)
    assert (first.name, second.name) == ("specs-1", "specs-2")


def test_defaults_give_way_to_cells(items):
    first, second = items("model,qps,p99,fast\n8b,5,1s,\n8b,5,1s,no\n", fast=True)
    assert (first.spec.fast, second.spec.fast) == (True, False)


def test_a_broken_row_does_not_stop_the_others(items):
    found = items(
        "name,model,qps,p99\n"
        "good,8b,5,1s\n"
        "no unit,8b,5,200\n"
        "no rate,8b,,1s\n"
        "too few,8b\n"
        "too many,8b,5,1s,9,9\n"
        "absurd,8b,1e30,1s\n"
        "also good,70b,5,1s\n"
    )
    assert [i.name for i in found if i.spec] == ["good", "also good"]
    errors = {i.name: i.error for i in found if not i.spec}
    assert "no unit" in errors["no unit"]
    assert "--qps is missing" in errors["no rate"]
    assert "another number of cells" in errors["too few"]
    assert "another number of cells" in errors["too many"]
    assert "must lie between" in errors["absurd"]
    assert all("\n" not in error for error in errors.values())


def test_a_quote_in_the_wrong_place_breaks_its_row_only(items):
    found = items('model,qps,p99\n8b,5,1s\n8b,"5"x,1s\n8b,7,1s\n')
    assert [i.spec is not None for i in found] == [True, False, True]
    assert "row 2" in found[1].error


def test_an_unclosed_quote_at_the_end(items):
    found = items('model,qps,p99\n8b,5,1s\n8b,"5,1s\n')
    assert [i.spec is not None for i in found] == [True, False]


def test_byte_order_mark_and_windows_lines(items):
    (item,) = items(b"\xef\xbb\xbfmodel,qps,p99\r\n8b,5,1s\r\n")
    assert item.spec.model == "8b"


def test_an_unknown_column_is_named_with_the_nearest(items):
    (item,) = items("modle,qps,p99\n8b,5,1s\n")
    assert "did you mean model?" in item.error


@pytest.mark.parametrize("header", ["model,qps,qps,p99", "model,p99,qps,p-99"])
def test_a_column_that_comes_twice(header, items):
    if header.endswith("p-99"):
        header = header.replace("p99,qps,p-99", "ttft_p99,qps,ttft-p99")
    with pytest.raises(SpecError, match="twice"):
        items(header + "\n8b,5,5,1s\n")


def test_names_are_told_apart(items):
    found = items("name,model,qps,p99\na,8b,5,1s\na,8b,6,1s\na (2),8b,7,1s\na,8b,8,1s\n")
    names = [i.name for i in found]
    assert len(set(names)) == 4
    assert names[0] == "a"
    assert [i.spec.qps for i in found] == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "no header line"),
        ("\n\n", "no header line"),
        ("model,qps,p99\n", "no spec"),
        ("model;qps;p99\n8b;5;1s\n", "separates its columns by ';'; commas are read"),
        ("model\tqps\tp99\n8b\t5\t1s\n", "separates its columns by"),
        (b"model,qps,p99\n\xff\xfe8b,5,1s\n", "not a readable UTF-8"),
        ("model,qps,p99\n8b,5,1s\n".encode("utf-16"), "not a readable UTF-8"),
    ],
)
def test_files_that_hold_no_specs(text, hint, items):
    with pytest.raises(SpecError, match=hint):
        items(text)


def test_yaml(items):
    (item,) = items("name: chat\nmodel: 8b\nqps: 5\np99: 1s\n", "a.yaml")
    assert (item.name, item.spec.qps) == ("chat", 5)
    (item,) = items("model: 8b\nqps: 5\np99: 1s\n", "b.yaml")
    assert item.name == "b"
    (item,) = items("model: [", "c.yaml")
    assert item == Item("c", None, item.error) and "not readable YAML" in item.error


def test_a_missing_file(tmp_path):
    for name in ("none.csv", "none.yaml"):
        with pytest.raises(SpecError, match="cannot read"):
            read_items([tmp_path / name], {})


def test_a_folder(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "folder.csv", tmp_path):
        with pytest.raises(SpecError, match="cannot read"):
            read_items([path], {})


def test_several_files_in_order(tmp_path):
    paths = []
    for name in ("b", "a"):
        paths.append(Path(tmp_path / f"{name}.csv"))
        paths[-1].write_text("model,qps,p99\n8b,5,1s\n8b,6,1s\n")
    assert [i.name for i in read_items(paths, {})] == ["b-1", "b-2", "a-1", "a-2"]
