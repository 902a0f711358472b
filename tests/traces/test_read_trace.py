"""Reading traces: every format, every repair, every refusal."""

from pathlib import Path

import numpy as np
import pytest

from recommender.traces import read
from recommender.traces.read import read_trace
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
        (HEADER + "nan,2,3\n1,2,3\n2,2,3\n", "line 2: arrival nan"),
    ],
)
def test_what_is_no_trace_is_refused_with_its_line(tmp_path: Path, text: str, part: str) -> None:
    with pytest.raises(TraceError, match=part):
        trace_of(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot read"):
        read_trace(tmp_path / "nothing.csv")


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_REQUESTS", 3)
    trace = trace_of(tmp_path, HEADER + "1,1,1\n2,1,1\n3,1,1\n4,1,1\n")
    assert len(trace) == 3
    assert trace.repairs == ("only the first 3 requests were read",)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(bytes(np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8)))
    with pytest.raises(TraceError):
        read_trace(path)
