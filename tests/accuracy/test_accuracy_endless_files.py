"""Tables that have no end, no header or no text: one line that says so, in bounded memory."""

import tracemalloc
from pathlib import Path

import pytest
from measurement_rows import GOOD, one, row
from run_rows import write_rows

from catalog.calibration import load_calibration
from recommender.accuracy import bounded_lines, predict_file
from recommender.accuracy.bounded_lines import BoundedLines
from recommender.accuracy.file_kind import no_text
from recommender.accuracy.row_file import MOST_COLUMNS, open_rows, size_of, unread_columns
from recommender.accuracy.scenario import Refused
from recommender.accuracy.scorecard import scorecard
from recommender.errors import SpecError

HEADER = ",".join(GOOD)
LINE = ",".join(GOOD.values())


def problems(path):
    with open_rows(path) as (_, rows):
        return [problem for _, problem in rows]


def refusal(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SpecError) as caught, open_rows(path):
        pass
    return str(caught.value)


@pytest.fixture
def short_rows(monkeypatch):
    """Rows of a thousand characters, lines of a hundred thousand."""
    monkeypatch.setattr(bounded_lines, "LONGEST_ROW", 1000)
    monkeypatch.setattr(bounded_lines, "LONGEST_LINE", 100_000)


def test_a_line_of_many_cells_is_refused_alone(tmp_path, short_rows):
    """One of 300 MB had taken 1.5 GB: each of its cells is short."""
    path = tmp_path / "rows.csv"
    path.write_text("\n".join((HEADER, LINE, "a," * 5000, LINE, "b," * 450 + "\r", LINE, "")))
    assert problems(path) == [
        "", "line 3: the row is longer than 1,000 characters", "",
        f"451 cells under {len(GOOD)} columns", "",
    ]  # fmt: skip


def test_a_row_that_goes_on_over_lines_has_the_room_of_one(tmp_path, short_rows):
    """Each line opened a quotation mark that the next one closed: one row of the whole file."""
    path = tmp_path / "rows.csv"
    path.write_text(f'{HEADER}\n{LINE}\nx,"\n' + '","\n' * 400 + f"{LINE}\n")
    found = problems(path)
    assert found[0] == found[-1] == ""
    assert "longer than 1,000 characters; a quotation mark is not closed" in found[1]


def test_the_room_of_a_row_is_used_up_to_its_last_character(tmp_path, short_rows):
    """999 characters and a line end are a row, also where they end exactly with its room; a
    thousand without one are none.
    """
    for length, fits in ((998, True), (999, True), (1000, False), (1001, False)):
        path = tmp_path / f"{length}.csv"
        path.write_text(f"{HEADER}\n{'a' * length}\n{LINE}\n")
        first, second = problems(path)
        assert ("longer than" not in first, second) == (fits, "")


def test_a_line_without_end_is_no_table(tmp_path, short_rows):
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEADER}\n{LINE}\n{'a' * 200_000}")
    with pytest.raises(SpecError, match=r"line 3 is longer than 100,000 characters; it is no tab"):
        problems(path)


def test_a_device_without_end_is_refused_by_its_first_bytes():
    """`/dev/zero` had been read until the memory was full."""
    with (
        pytest.raises(SpecError, match="it is no text: it holds NUL"),
        open_rows(Path("/dev/zero")),
    ):
        pass


def test_a_first_line_without_end_is_none(tmp_path, short_rows):
    found = refusal(tmp_path / "rows.csv", "kind," * 10_000)
    assert "its first line cannot be read: the row is longer than 1,000 characters" in found


def test_a_read_error_is_not_one_of_the_output(tmp_path):
    """`predict /proc/self/mem -o out.csv` could `not write out.csv`."""

    class Broken:
        def readline(self, most):
            raise OSError(5, "Input/output error")

    with pytest.raises(SpecError, match=r"cannot read rows\.csv: Input/output error"):
        next(BoundedLines(Path("rows.csv"), Broken()))


def test_rows_of_thousands_of_blank_cells_fill_no_memory(tmp_path, monkeypatch):
    """4,096 of them had been held at once: a gigabyte for a file of 50 MB."""
    monkeypatch.setattr(predict_file, "predict", lambda rows, *_: [Refused("") for _ in rows])
    path = tmp_path / "rows.csv"
    names = ",".join(f"c{n}" for n in range(3000))
    path.write_text(f"{HEADER},{names}\n" + f"{LINE}{',' * 3000}\n" * 400)

    def peak():
        tracemalloc.start()
        with open_rows(path) as (_, rows):
            count = sum(1 for _ in predict_file.answers(rows, load_calibration()))
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return count, size

    monkeypatch.setattr(predict_file, "BLOCK_CHARACTERS", 1 << 20)
    count, held = peak()
    assert count == 400
    assert held < 9e6  # 5 rows at a time; of all of them, 42e6
    assert size_of({"a": "12", "b": ""}) > 2 * size_of({}) + 100


def test_a_file_of_more_columns_than_spreadsheets_have(tmp_path):
    columns = ",".join(f"c{n}" for n in range(MOST_COLUMNS))
    found = refusal(tmp_path / "rows.csv", f"{HEADER},{columns}\n")
    assert found.endswith("rows.csv has 16,409 columns; at most 16,384 are read")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (f"{LINE}\n{LINE}", "it has no header row; its first line is 'T1,test,tpot,Llama-3.1-70B,"),
        (
            f"# monday\n{HEADER}",
            "no column kind, model, gpu, metric, unit; its first line is '# mo",
        ),
        (
            HEADER.replace("gpu,", "accelerator,"),
            "no column gpu (not known: accelerator); expected",
        ),
        (HEADER.replace("metric", "metrics"), "no column metric (did you mean metrics?); expected"),
        (HEADER.replace("gpu,", "\x1b[2J,"), r"no column gpu (not known: '\x1b[2J')"),
        (f"{HEADER},tp", "column tp is there twice"),
        (HEADER.encode("utf-32"), "it is UTF-32, not UTF-8"),
        (HEADER.encode("utf-16-le"), "it is UTF-16, not UTF-8"),
        (HEADER.encode("utf-16-be"), "it is UTF-16, not UTF-8"),
        (HEADER.replace("kind", "ki\x00nd").encode(), "it is no text: it holds NUL characters"),
        (b"\xfd7zXZ\x00\x00", "it is an xz archive; unpack it, or save it as CSV"),
        (b"PAR1\x15\x04", "it is a Parquet file"),
        (b"\x89PNG\r\n", "it is a picture; expected"),
        (
            "model,gpu,ttft,tpot\nx,H100,1,2",
            "no column kind, metric, unit (not known: ttft, tpot); each figure has a row of its",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "it is a spreadsheet in the old format of Excel"),
        (b"", "is empty; expected the columns id,"),
        (b"\n\n \r\n", "no column kind"),
    ],
)
def test_a_file_that_is_no_table_says_what_it_is(tmp_path, content, cause):
    """Without a header, the message had been that `column 8 is there twice`."""
    found = refusal(tmp_path / "rows.csv", content)
    assert cause in found
    assert found.endswith(",notes") or "twice" in found


def test_bytes_that_may_be_text():
    assert no_text(b"") == no_text(b"id,kind") == no_text("é".encode("latin-1")) == ""


def test_two_marks_of_the_byte_order_are_no_part_of_a_name(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(f"\ufeff\ufeff{HEADER}\n{LINE}\n", encoding="utf-8")
    with open_rows(path) as (header, _):
        assert header == list(GOOD)


def test_a_cell_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "rows.csv"
    latin, nul = (",".join(row(notes=notes).values()) for notes in ("caf\xe9", "a\x00b"))
    path.write_bytes("\n".join((HEADER, latin, nul, LINE)).encode("latin-1"))
    assert problems(path) == [
        "not UTF-8 text: notes 'caf\ufffd'; save it as UTF-8",
        "not UTF-8 text: notes holds a NUL character", "",
    ]  # fmt: skip


def test_names_in_a_note_do_not_steer_the_terminal():
    assert unread_columns(["\x1b[31mred"]) == r"columns that are not read: '\x1b[31mred'"


@pytest.mark.parametrize("text", ["1,024", "1 024", "1024,5", "1.024,5", "8x", "1k", "'8'"])
def test_numbers_with_separators_or_units_say_how_they_are_written(text):
    found = one(isl=text)
    assert isinstance(found, Refused)
    hint = "is not a number; as 1024 or 0.5, without separators and units"
    assert found.reason == f"isl {text!r} {hint}"


@pytest.mark.parametrize("text", ["N/A", "-", "null", "many"])
def test_words_for_nothing_say_what_is_written_instead(text):
    found = one(isl=text)
    assert isinstance(found, Refused)
    assert found.reason == f"isl {text!r} is not a number; blank is what is not reported"


def test_tables_that_were_put_together_have_their_header_once_more(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEADER}\n{LINE}\n" * 2)
    assert problems(path) == ["", "the header once more, as where files are put together", ""]


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    (tmp_path / "own-runs.csv").write_text(f"{HEADER}\n")
    for name, words in (
        ("own-rnus.csv", "No such file or directory; did you mean own-runs.csv\\?$"),
        ("q" * 20, "No such file or directory$"),
        ("x" * 5000, "File name too long$"),
        ("none/of/these", "No such file or directory$"),
        (".", "is a folder; name a file in it$"),
    ):
        with pytest.raises(SpecError, match=words), open_rows(tmp_path / name):
            pass


def test_a_kind_in_capitals_is_asked_back():
    found = one(kind="TPOT")
    assert isinstance(found, Refused)
    assert found.reason.endswith("training; did you mean tpot?")


def test_a_value_that_is_none_is_refused_with_its_text(tmp_path):
    """It had been counted among the rows without a value."""
    rows = [row(), row(value="19 ms"), row(value="-3"), row(value=" "), row(value="9" * 400)]
    card = scorecard(write_rows(tmp_path / "rows.csv", rows), load_calibration())
    assert (card.scored, card.without_value) == (1, 1)
    assert card.refused == {
        ("tpot", "value is not a number"): 1,
        ("tpot", "value N is not a positive, finite number"): 1,
        ("tpot", "value is longer than N characters"): 1,
    }
