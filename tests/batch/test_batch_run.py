"""Batches: every row gets its answer, whatever happens to another; journals are taken up again."""

import csv
import io
import json
import os

import pytest

import recommender.batch.batch as batch
from recommender import Spec
from recommender.batch.batch import run_batch
from recommender.batch.input import Item
from recommender.batch.journal import JOURNAL, key_of
from recommender.batch.output import COLUMNS, make_folder, results_csv
from recommender.errors import MissingData, SpecError
from recommender.plan import Plan


def item(name, **changes):
    raw = {"model": "8b", "qps": "5", "p99": "1s", "fast": True, **changes}
    return Item(name, Spec.model_validate(raw))


BAD = Item("bad", None, "--p99: '200' has no unit")


@pytest.fixture
def solved(monkeypatch):
    """Stands in for the engine: says what it was asked, fails where the model's name says so."""
    asked = []

    def recommend(spec, **_):
        asked.append(spec)
        match spec.model:
            case "missing":
                raise MissingData("no offer matches")
            case "bug":
                raise ZeroDivisionError("division by zero")
            case "dies":
                os._exit(9)
            case "slow":
                return Plan(status="not_reached", proof="", spec={}, model="m")
        return Plan(status="infeasible", proof="", spec={}, model=spec.model)

    monkeypatch.setattr("recommender.engine.recommend", recommend)
    return asked


def run(items, folder, workers=1):
    return run_batch(items, folder, catalog_hash="h", workers=workers)


def test_one_row_per_item_in_order(solved, tmp_path):
    rows = run([item("a"), BAD, item("b", qps="6"), item("c", model="missing")], tmp_path)
    assert [r["name"] for r in rows] == ["a", "bad", "b", "c"]
    assert [r["status"] for r in rows] == ["infeasible", "failed", "infeasible", "failed"]
    assert rows[1]["error"] == BAD.error
    assert rows[3]["error"] == "no offer matches"


def test_a_bug_in_one_row_is_told_and_loses_no_other(solved, tmp_path):
    rows = run([item("a", model="bug"), item("b")], tmp_path)
    assert rows[0]["status"] == "failed" and "ZeroDivisionError" in rows[0]["error"]
    assert rows[1]["status"] == "infeasible"


def test_a_worker_that_dies_costs_its_own_row_only(solved, tmp_path):
    """As when the system kills a process for memory: twelve rows, the fourth is the culprit."""
    items = [item(f"r{i}", qps=str(i + 1), model="dies" if i == 3 else "8b") for i in range(12)]
    rows = run(items, tmp_path, workers=2)
    assert [r["status"] for r in rows] == ["infeasible"] * 3 + ["failed"] + ["infeasible"] * 8
    assert "died" in rows[3]["error"]


def test_a_finished_batch_is_not_solved_again(solved, tmp_path):
    first = run([item("a"), item("b", qps="6")], tmp_path)
    assert len(solved) == 2
    assert run([item("a"), item("b", qps="6")], tmp_path) == first
    assert len(solved) == 2


def test_only_what_is_new_is_solved(solved, tmp_path):
    run([item("a")], tmp_path)
    rows = run([item("renamed"), item("new", qps="9")], tmp_path)
    assert [s.qps for s in solved] == [5, 9]
    assert [r["name"] for r in rows] == ["renamed", "new"]


@pytest.mark.parametrize("model", ["missing", "bug", "slow"])
def test_what_was_not_decided_is_tried_again(model, solved, tmp_path):
    run([item("a", model=model)], tmp_path)
    run([item("a", model=model)], tmp_path)
    assert len(solved) == 2


@pytest.mark.parametrize(
    "garbage",
    [
        '{"key": "abc", "row": {"na',
        "not json\n",
        '[1, 2]\n{"key": 5}\n{"row": {}}\nnull\n',
        "\x00\xff\n",
        '{"key": "KEY", "row": {}}\n',
        '{"key": "KEY", "row": "text"}\n',
    ],
)
def test_a_damaged_journal_is_read_as_far_as_it_is_whole(garbage, solved, tmp_path):
    run([item("a")], tmp_path)
    key = key_of(item("b", qps="6").spec, "h")
    with (tmp_path / JOURNAL).open("a", encoding="latin-1") as file:
        file.write(garbage.replace("KEY", key))
    rows = run([item("a"), item("b", qps="6")], tmp_path)
    assert [r["status"] for r in rows] == ["infeasible", "infeasible"]
    assert len(solved) == 2  # `a` was taken from the journal
    assert run([item("a"), item("b", qps="6")], tmp_path) == rows
    assert len(solved) == 2  # and `b` after the garbage as well


def test_an_interrupted_batch_keeps_what_is_finished(solved, tmp_path, monkeypatch):
    import recommender.engine as engine

    inner = engine.recommend

    def interrupted(spec, **more):
        if spec.qps == 7:
            raise KeyboardInterrupt
        return inner(spec, **more)

    monkeypatch.setattr("recommender.engine.recommend", interrupted)
    items = [item("a"), item("b", qps="6"), item("c", qps="7"), item("d", qps="8")]
    with pytest.raises(KeyboardInterrupt):
        run(items, tmp_path)
    assert len((tmp_path / JOURNAL).read_text().splitlines()) == 2
    monkeypatch.setattr("recommender.engine.recommend", inner)
    rows = run(items, tmp_path)
    assert [s.qps for s in solved] == [5, 6, 7, 8]
    assert len(rows) == 4


@pytest.mark.parametrize("change", [{"qps": "6"}, {"fast": False}, {"gpu": "H100"}])
def test_the_key_is_everything_that_the_answer_depends_on(change):
    assert key_of(item("a").spec, "h") == key_of(item("b").spec, "h")
    assert key_of(item("a").spec, "h") != key_of(item("a", **change).spec, "h")
    assert key_of(item("a").spec, "h") != key_of(item("a").spec, "other catalogue")


@pytest.mark.parametrize("name", ["catalog", "model", "trace"])
def test_the_key_follows_the_content_of_files(name, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("one")
    before = key_of(item("a", **{name: str(path)}).spec, "h")
    path.write_text("two")
    assert key_of(item("a", **{name: str(path)}).spec, "h") != before


def test_the_key_follows_the_content_of_a_folder(tmp_path):
    (tmp_path / "offers.csv").write_text("one")
    before = key_of(item("a", catalog=str(tmp_path)).spec, "h")
    (tmp_path / "offers.csv").write_text("two")
    assert key_of(item("a", catalog=str(tmp_path)).spec, "h") != before


def test_the_journal_is_lines_of_json(solved, tmp_path):
    run([item("a"), item("b", qps="6")], tmp_path)
    lines = [json.loads(line) for line in (tmp_path / JOURNAL).read_text().splitlines()]
    assert [set(line) for line in lines] == [{"key", "row"}] * 2


def test_real_rows_have_the_totals(facts, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "_catalog", lambda overlays: facts)
    rows = run([item("a", gpu="H100"), item("b", gpu="H100", budget="$0.01/h")], tmp_path)
    assert rows[0]["status"] == "optimal" and rows[0]["nodes"] > 0
    assert rows[1]["status"] == "infeasible" and "--budget" in rows[1]["error"]
    table = list(csv.DictReader(io.StringIO(results_csv(rows))))
    assert float(table[0]["cost_usd_per_h"]) == pytest.approx(rows[0]["cost_usd_per_h"])
    assert table[1]["cost_usd_per_h"] == ""
    assert table[0]["gap"] == "0" and rows[0]["gap"] == 0.0
    again = run([item("a", gpu="H100"), item("b", gpu="H100", budget="$0.01/h")], tmp_path)
    assert results_csv(again) == results_csv(rows)  # the journal holds every figure


def test_warnings_of_a_plan_are_in_its_row(tmp_path):
    """Many plans are signed from the table alone: spot nodes of a marketplace look like others."""
    (row,) = run([item("a", terms="spot", offers="all", provider="vast")], tmp_path)
    assert "is spot: the seller may take back" in row["warnings"]
    assert " | " in row["warnings"] and "from a marketplace" in row["warnings"]
    assert "from a marketplace" in results_csv([row])


def test_columns_begin_with_the_contract():
    assert COLUMNS[:4] == ("name", "status", "error", "cost_usd_per_h")
    for name in ("nodes", "accelerators", "cost_usd_per_month", "power_w", "p99_s"):
        assert name in COLUMNS
    assert len(set(COLUMNS)) == len(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_texts_that_a_spreadsheet_would_run_are_quoted(text):
    table = io.StringIO(results_csv([{"name": text, "error": text}]), newline="")
    (row,) = csv.DictReader(table)
    assert row["name"] == row["error"] == "'" + text


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", "\r=1"])
def test_a_row_is_a_line(text):
    lines = results_csv([{"name": text}]).split("\n")
    assert len(lines) == 3 and lines[2] == ""
    assert "\r" not in lines[1]
    assert not lines[1].startswith(("=", " ="))


def test_a_folder_is_made_inside_an_existing_one(tmp_path):
    make_folder(tmp_path / "runs")
    make_folder(tmp_path / "runs")  # taken up again
    with pytest.raises(SpecError, match="does not exist"):
        make_folder(tmp_path / "no" / "runs")
    (tmp_path / "file").write_text("")
    with pytest.raises(SpecError, match="cannot make"):
        make_folder(tmp_path / "file")
