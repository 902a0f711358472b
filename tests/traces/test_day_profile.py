"""The profile of a trace, against arithmetic; and from a file to a spec."""

import json
from pathlib import Path

import numpy as np
import pytest

from recommender.request.profile import periods_of, profile_text
from recommender.traces.day_profile import day_profile
from recommender.traces.trace import Trace, TraceError
from recommender.traces.workload_file import read_profile


def made(arrival_s: np.ndarray) -> Trace:
    ones = np.ones(arrival_s.size, dtype=np.int64)
    return Trace("made", "plain", arrival_s, ones, ones, None, ())


def hourly(per_s: list[float]) -> np.ndarray:
    """Evenly spaced arrivals, a rate per hour; the first at 0."""
    return np.concatenate(
        [h * 3600 + np.arange(0, 3600, 1 / rate) for h, rate in enumerate(per_s) if rate]
    )


def test_by_hand() -> None:
    # 8 h at 0.3/s, 12 h at 1/s, 4 h at 0.6/s: 90, 300, 180 requests in 300 s
    trace = made(hourly([0.3] * 8 + [1.0] * 12 + [0.6] * 4))
    assert day_profile(trace) == "0-8h:30%,8-20h:100%,20-24h:60%"


def test_the_busiest_day_counts_and_shares_are_rounded_up() -> None:
    two_days = [0.25] * 12 + [1.0] * 12 + [0.501] * 12 + [1.0] * 12
    assert day_profile(made(hourly(two_days))) == "0-12h:51%,12-24h:100%"


def test_less_than_a_day_has_no_profile() -> None:
    assert day_profile(made(hourly([1.0] * 20))) is None


def test_from_a_file_to_periods(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    text = "0-8h:30%,8-20h:100%,20-24h:60%"
    file.write_text(json.dumps({"workload_version": "1", "profile": text}))
    assert profile_text(str(file)) == text
    assert len(periods_of(profile_text(str(file)))) == 3
    file.write_text(json.dumps({"workload_version": "1", "profile": None}))
    with pytest.raises(TraceError, match="shorter than 24 h"):
        read_profile(file)
    file.write_text('{"workload_version": "1", ')
    with pytest.raises(TraceError, match="not a workload file"):
        read_profile(file)


def test_a_trace_itself_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "trace.csv"
    arrivals = hourly([0.05] * 12 + [0.1] * 12)
    rows = "\n".join(f"{t:.3f},100,50" for t in arrivals)
    file.write_text(f"arrival_s,input_tokens,output_tokens\n{rows}\n")
    assert read_profile(file) == "0-12h:50%,12-24h:100%"
