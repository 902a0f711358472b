"""Reading traces: every format, every repair, every refusal."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.traces import chunks, read
from recommender.traces.block import block_of
from recommender.traces.chunks import Chunk
from recommender.traces.fast_table import fast_block
from recommender.traces.read import describe_trace, read_trace
from recommender.traces.rows import format_of
from recommender.traces.trace import Trace, TraceError


def trace_of(folder: Path, text: str, name: str = "trace.csv") -> Trace:
    path = folder / name
    path.write_text(text)
    return read_trace(path)


def test_azure(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:05.2299600,3180,8\n",
    )
    assert trace.format == "azure"
    assert trace.arrival_s.tolist() == pytest.approx([0.0, 1.25])
    assert trace.input_tokens.tolist() == [4808, 3180]
    assert trace.output_tokens.tolist() == [10, 8]
    assert trace.repairs == ()


def test_burstgpt(tmp_path: Path) -> None:
    header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
    rows = "5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,230,1317,Conversation log\n"
    failed = "50,ChatGPT,100,0,100,API log\n"
    trace = trace_of(tmp_path, header + rows + failed)
    assert trace.format == "burstgpt"
    assert trace.arrival_s.tolist() == [0.0, 40.0]
    assert trace.repairs == ("1 rows left out: no prompt or no output tokens (first in line 4)",)


def test_mooncake_counts_leading_known_blocks(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        '{"timestamp": 0, "input_length": 1300, "output_length": 5, "hash_ids": [1, 2, 3]}\n'
        '{"timestamp": 500, "input_length": 1200, "output_length": 6, "hash_ids": [1, 2, 9]}\n'
        '{"timestamp": 900, "input_length": 700, "output_length": 7, "hash_ids": [8, 2]}\n',
        "trace.jsonl",
    )
    assert trace.format == "mooncake"
    assert trace.arrival_s.tolist() == pytest.approx([0.0, 0.5, 0.9])
    assert trace.cached_tokens is not None
    # second request: blocks 1 and 2 of 512; third: block 8 is new, so nothing
    assert trace.cached_tokens.tolist() == [0, 1024, 0]


@pytest.mark.parametrize(
    ("header", "unit"),
    [("arrival_s", 1.0), ("time_ms", 1e-3), ("created", 1.0), ("timestamp_us", 1e-6)],
)
def test_plain_logs(tmp_path: Path, header: str, unit: float) -> None:
    text = f"{header}\tprompt_tokens\tcompletion_tokens\n1000\t7\t8\n3000\t9\t10\n"
    trace = trace_of(tmp_path, text, "log.tsv")
    assert trace.duration_s == pytest.approx(2000 * unit)


def test_unix_milliseconds_are_recognised(tmp_path: Path) -> None:
    text = "created,prompt_tokens,completion_tokens\n1700000000000,7,8\n1700000001500,9,10\n"
    assert trace_of(tmp_path, text).duration_s == pytest.approx(1.5)


def test_rows_out_of_order_are_sorted(tmp_path: Path) -> None:
    text = "arrival_s,input_tokens,output_tokens\n5,1,1\n3,2,2\n9,3,3\n"
    trace = trace_of(tmp_path, text)
    assert trace.arrival_s.tolist() == [0.0, 2.0, 6.0]
    assert trace.input_tokens.tolist() == [2, 1, 3]
    assert trace.repairs == ("1 rows came earlier than the row before: sorted by time",)


def test_a_broken_last_line_is_left_out(tmp_path: Path) -> None:
    text = "arrival_s,input_tokens,output_tokens\n1,1,1\n2,2,2\n3,"
    trace = trace_of(tmp_path, text)
    assert len(trace) == 2
    assert trace.repairs == ("1 rows left out: 2 fields instead of 3 (first in line 4)",)


def test_few_unreadable_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [f"{i},10,10" for i in range(1000)]
    rows[10], rows[20], rows[30] = "-5,10,10", ",10,10", "30,9999999,10"
    trace = trace_of(tmp_path, "arrival_s,input_tokens,output_tokens\n" + "\n".join(rows))
    assert len(trace) == 997
    assert len(trace.repairs) == 3


def test_simultaneous_requests_are_kept(tmp_path: Path) -> None:
    text = "arrival_s,input_tokens,output_tokens\n1,1,1\n1,1,1\n2,2,2\n"
    assert len(trace_of(tmp_path, text)) == 3


def test_rows_that_were_logged_twice_are_kept_and_said(tmp_path: Path) -> None:
    rows = [f"{n},{n + 1},2\n" for n in range(50)]
    trace = trace_of(tmp_path, HEADER + "".join(row * 2 for row in rows))
    assert len(trace) == 100
    assert trace.repairs[0].startswith("50 rows repeat the one before")


HEADER = "arrival_s,input_tokens,output_tokens\n"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        ("a,b,c\n1,2,3\n", "line 1: no columns"),
        (HEADER, "0 usable requests"),
        (HEADER + "1,2,3\n", "1 usable requests"),
        (HEADER + "1,2,3\n1,2,3\n", "the same time"),
        (HEADER + "x,2,3\n1,2,3\n2,2,3\n", "line 2: a field is missing or no number"),
        (HEADER + '1,2,3\n{"timestamp": 1}\n2,2,3\n', "line 3: JSON in a table"),
        (HEADER + "1,2,3\nTIMESTAMP,ContextTokens,GeneratedTokens\n", "line 3: a second header"),
        ('{"timestamp": 1}\n', "line 1: no timestamp"),
        ('{"timestamp": 1, "input_length": 2, "output_length": 3}\n1,2,3\n', "line 2: no JSON"),
        (HEADER + "1,2.5,3\n1,2,3\n2,2,3\n", "line 2"),
        (HEADER + "1,2,3\n2,2,3\n9e9,2,3\n", "more than 463 days apart"),
        (HEADER + "1,2,3\n2,2,3\n" + "9e12,2,3\n" * 2, "more than 463 days apart"),
        (HEADER + "nan,2,3\n1,2,3\n2,2,3\n", "line 2: its arrival is negative or absurd"),
    ],
)
def test_what_is_no_trace_is_refused_with_its_line(tmp_path: Path, text: str, part: str) -> None:
    with pytest.raises(TraceError, match=part):
        trace_of(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot read"):
        read_trace(tmp_path / "nothing.csv")


def many(folder: Path, seconds: int = 600) -> Path:
    """One request a second, ten a second in the minute from 300 s on."""
    times = [t + n / 10 for t in range(seconds) for n in range(10 if 300 <= t < 360 else 1)]
    path = folder / "many.csv"
    path.write_text(HEADER + "".join(f"{t:.1f},{n + 1},2\n" for n, t in enumerate(times)))
    return path


def test_of_a_long_trace_the_stretch_around_the_peak_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MOST_REQUESTS", 800)
    trace = read_trace(many(tmp_path))
    # 600 in the busy minute and 100 on each side of it
    assert trace.input_tokens.tolist() == list(range(201, 1001))
    assert trace.duration_s == pytest.approx(259.0)
    assert trace.repairs == (
        "1,140 requests: only those from second 200 to 460 are used, around the busiest minute",
    )


def test_a_long_trace_is_described_whole_and_kept_thinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MOST_REQUESTS", 300)
    monkeypatch.setattr(read, "_MILLION", 500)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1000)
    path = many(tmp_path)
    said: list[str] = []
    thinned, found = describe_trace(path, progress=said.append)
    assert said == ["reading the trace, 1 M requests", "reading the trace, 2 M requests"]
    assert found.requests == 1140
    assert found.input_tokens.longest == 1140
    assert thinned.input_tokens.tolist() == list(range(1, 1141, 4))
    assert "1,140 requests: statistics are of all of them" in thinned.repairs[0]
    monkeypatch.undo()
    whole, at_once = describe_trace(path)
    assert len(whole) == 1140
    assert found == at_once


@pytest.mark.parametrize("chunk_bytes", [50, 97, 1 << 22])
def test_line_numbers_are_those_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", chunk_bytes)
    for end in ("\n", "\r\n"):
        rows = [f"{n},10,10{end}" for n in range(500)]
        rows[321] = f"-1,10,10{end}"
        rows[400] = f"{end}400,10,10{end}"
        trace = trace_of(tmp_path, "\ufeff" + HEADER.strip() + end + "".join(rows))
        assert len(trace) == 499
        assert trace.repairs == (
            "1 rows left out: its arrival is negative or absurd (first in line 323)",
        )


ODD = ["", "x", "-3", "nan", "1e3", "7.5", "0", "3000000", '"8"', "2_0", " 9", "inf", "1e400"]


@given(st.lists(st.tuples(*[st.sampled_from([*ODD, *"123456789"])] * 3), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_reading_at_once_and_row_by_row_is_the_same(rows: list[tuple[str, str, str]]) -> None:
    found = format_of(Path("t"), 1, HEADER)
    chunk = Chunk(2, "".join(",".join(row) + "\n" for row in rows).encode())
    slow, fast = block_of(found.rows(chunk.lines())), fast_block(chunk, found)
    if fast is not None:
        assert fast.arrival_s.tolist() == slow.arrival_s.tolist()
        assert fast.input_tokens.tolist() == slow.input_tokens.tolist()
        assert fast.output_tokens.tolist() == slow.output_tokens.tolist()
        assert fast.problems == slow.problems


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "1,2,3\n4.25,5,6\n-1,5,6\n3,0,6\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2023-11-16 18:17:03.9799600,48,10\n2023-11-16 18:17:05.2299600,31,8\n",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2024-05-10 00:00:00.009930+00:00,2162,5\n2024-05-10 00:00:01+00:00,2399,6\n",
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        "5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,0,1317,API log\n",
        "created,prompt_tokens,completion_tokens,cached_tokens\n1700000000000,7,8,3\n",
        "time_ms\tprompt_tokens\tcompletion_tokens\n1000\t7\t8\n3000\t9\t10",
    ],
)
def test_plain_tables_are_read_at_once(text: str) -> None:
    header, _, body = text.partition("\n")
    found = format_of(Path("t"), 1, header)
    chunk = Chunk(2, body.encode())
    fast, slow = fast_block(chunk, found), block_of(found.rows(chunk.lines()))
    assert fast is not None
    assert fast.arrival_s == pytest.approx(slow.arrival_s, abs=1e-5)
    assert fast.input_tokens.tolist() == slow.input_tokens.tolist()
    assert fast.problems == slow.problems
    assert (fast.cached_tokens is None) == (slow.cached_tokens is None)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(bytes(np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8)))
    with pytest.raises(TraceError):
        read_trace(path)
