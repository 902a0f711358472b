"""Files of whatever size and content are read in bounded memory, and no row is lost in silence."""

import csv
import json
import os
import signal
import tracemalloc

import pytest
from click.testing import CliRunner
from measurement_rows import GOOD, row

from catalog.calibration import load_calibration
from recommender.accuracy import predict_file
from recommender.accuracy.fit import calibrate as fit_calibrate
from recommender.accuracy.row_file import open_rows, unread_columns
from recommender.accuracy.score import Tally
from recommender.accuracy.scorecard import LONGEST_ID, scorecard
from recommender.commands.accuracy_command import command as accuracy
from recommender.commands.calibrate_command import command as calibrate
from recommender.commands.predict_command import command as predict
from recommender.errors import SpecError

HEADER = ",".join(GOOD)
LINE = ",".join(GOOD.values())
CALIBRATION = load_calibration()


def problems(path, *lines):
    path.write_text("\n".join([HEADER, *lines, ""]))
    with open_rows(path) as (_, rows):
        return [problem for _, problem in rows]


def noted(notes):
    return ",".join({**GOOD, "notes": notes}.values())


def test_a_quotation_mark_that_is_not_closed_names_the_lines_that_it_took(tmp_path):
    """Rows between two of them had become a part of the first one's notes, without a word."""
    found = problems(tmp_path / "rows.csv", LINE, noted('"open'), LINE, LINE, noted('"x'), LINE)
    assert found == [
        "", "lines 3 to 6: ',' expected after '\"'; a quotation mark is not closed", "",
    ]  # fmt: skip
    found = problems(tmp_path / "rows.csv", LINE, noted('"open'), LINE)
    assert found == [
        "", "lines 3 to 4: unexpected end of data; a quotation mark is not closed",
    ]  # fmt: skip


@pytest.mark.parametrize("notes", ['"two\nlines"', '5" disk', '"a ""b"" c"', '""'])
def test_quotation_marks_that_are_right(tmp_path, notes):
    assert problems(tmp_path / "rows.csv", noted(notes), LINE) == ["", ""]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"PK\x03\x04rest", "it is a spreadsheet or zip archive; unpack it, or save it as CSV"),
        (b"\x1f\x8b\x08rest", "it is a gzip archive"),
    ],
)
def test_archives_are_named(tmp_path, content, cause):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=cause), open_rows(path):
        pass


def test_blocks_end_where_their_text_is_long(monkeypatch):
    """4,096 rows of a megabyte each had been held at once."""
    monkeypatch.setattr(predict_file, "BLOCK_CHARACTERS", 1000)
    rows = [({"notes": "x" * 400}, "") for _ in range(7)]
    assert [len(block) for block in predict_file._blocks(rows)] == [3, 3, 1]
    monkeypatch.setattr(predict_file, "BLOCK_ROWS", 2)
    assert [len(block) for block in predict_file._blocks(rows)] == [2, 2, 2, 1]
    assert list(predict_file._blocks([])) == []


def test_the_sums_of_many_rows_take_no_more_memory_than_those_of_few():
    """56 bytes a row had been kept: 140 MB for a gigabyte of rows."""

    def held(rows):
        tracemalloc.start()
        tally = Tally()
        for index in range(rows):
            tally.add(
                measured=1.0, predicted=1.0 + index % 97 / 100, low=0.5, high=2.0,
                keys=[("kind", "tpot"), ("model", str(index % 3))],
            )  # fmt: skip
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, tally.scores()["kind", "tpot"]

    (few, first), (many, second) = held(20_000), held(120_000)
    assert many < few + 100_000 * 8
    assert first.median_error_pct == pytest.approx(48, abs=0.1)  # of 0, 1 .. 96 %
    assert second.median_error_pct == pytest.approx(48, abs=0.1)
    assert second.mean_error_pct == pytest.approx(48, abs=0.1)
    assert second.rows == 120_000


def test_endless_kinds_and_identifiers_do_not_fill_the_scorecard(tmp_path):
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(GOOD))
        writer.writeheader()
        writer.writerows(
            [row(kind="k" * 100_000), row(kind="TPOT"), row(id="i" * 100_000), row(gpu=" H100 ")]
        )
    card = scorecard(path, CALIBRATION)
    assert card.refused == {
        ("no kind", "kind is longer than N characters"): 1,
        ("no kind", "kind is not one of throughput, ttft, tpot, e2e, memory, power, training"): 1,
    }
    assert max(len(far.id) for far in card.worst) <= LONGEST_ID + len(" ... ")
    assert {name for by, name in card.scores if by == "accelerator"} == {GOOD["gpu"], "H100"}


def test_a_scorecard_needs_values(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEADER}\n{LINE}\n".replace("value,", "val,"))
    result = CliRunner().invoke(accuracy, [str(path)])
    assert isinstance(result.exception, SpecError)
    assert "has no column value" in str(result.exception)


def test_rows_without_values_are_counted(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEADER}\n{LINE.replace(',14,ms', ',,ms')}\n")
    content = json.loads(CliRunner().invoke(accuracy, [str(path), "--json"]).stdout)
    assert (content["rows"], content["without_value"]) == (1, 1)


def test_columns_that_are_not_read_are_said_once(tmp_path):
    """`precision` had been none, without a word: the weights were those of the checkpoint."""
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEADER},predicted\n{LINE},3\n".replace("precision_weights", "precision"))
    note = "columns that are not read: precision (did you mean precision_kv or precision_weights?)"
    for command in (accuracy, predict):
        assert note in CliRunner().invoke(command, [str(path)], catch_exceptions=False).stderr
    own = ["-o", str(tmp_path / "own")]
    assert note in CliRunner().invoke(calibrate, [str(path), *own]).stderr
    path.write_text(f"{HEADER},predicted\n{LINE},3\n")
    assert "not read" not in CliRunner().invoke(calibrate, [str(path), *own]).stderr
    for command in (accuracy, predict):
        assert "not read" not in CliRunner().invoke(command, [str(path)]).stderr


def test_many_and_endless_columns_are_a_short_note():
    assert unread_columns(["kind", "", "a", *"bcdefgh"], besides="a").endswith(", f, 2 more")
    assert len(unread_columns(["x" * 100_000])) < 120
    assert unread_columns(GOOD) == ""


@pytest.mark.parametrize("command", ["predict", "calibrate"])
def test_a_command_that_is_terminated_leaves_nothing_behind(tmp_path, monkeypatch, command):
    """`timeout 60 recommend predict` had left a hidden half of the file, and a refit a folder of
    shipped tables.
    """

    def until_killed(*arguments, **settings):
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("not heard")

    monkeypatch.setattr(predict_file, "open_rows", until_killed)
    monkeypatch.setattr(fit_calibrate, "refit", until_killed)
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEADER}\n{LINE}\n")
    kill = {
        "predict": (predict, [str(path), "-o", str(tmp_path / "out.csv")]),
        "calibrate": (calibrate, [str(path), "--refit", "-o", str(tmp_path / "own")]),
    }
    called, arguments = kill[command]
    assert CliRunner().invoke(called, arguments, standalone_mode=False).exit_code == 1
    assert [left.name for left in tmp_path.iterdir()] == ["rows.csv"]
