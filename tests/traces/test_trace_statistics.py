"""Statistics of traces against arithmetic and against known processes; the workload file."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from recommender.commands.workload_command import command
from recommender.traces.block import Block, Problems
from recommender.traces.stationarity import advice, is_stationary, peak_to_mean
from recommender.traces.statistics import TraceStatistics
from recommender.traces.survey import Survey
from recommender.traces.trace import Trace, TraceError
from recommender.traces.workload_file import read_workload, read_workload_file, workload_text


def made(arrival_s: np.ndarray, seed: int = 0) -> Trace:
    random = np.random.default_rng(seed)
    count = arrival_s.size
    return Trace(
        source="made",
        format="compact",
        arrival_s=arrival_s - arrival_s[0],
        input_tokens=random.integers(1, 2000, count),
        output_tokens=random.integers(1, 300, count),
        cached_tokens=None,
        repairs=(),
    )


def poisson(rate: float, seconds: float) -> Trace:
    random = np.random.default_rng(1)
    return made(np.cumsum(random.exponential(1 / rate, int(rate * seconds))))


def trace_statistics(trace: Trace) -> TraceStatistics:
    """Statistics of a trace in memory, taken as one block."""
    survey = Survey(trace.source)
    rows = (trace.arrival_s, trace.input_tokens, trace.output_tokens, trace.cached_tokens)
    survey.add(Block(*rows, (), Problems()))
    return survey.statistics()


def test_windows_by_hand() -> None:
    # 4 requests in the first 10 s, 1 in the second, 1 in the third (which is not whole)
    found = trace_statistics(made(np.array([0.0, 1.0, 2.0, 3.0, 12.0, 23.0])))
    tens = found.window(10.0)
    assert tens is not None
    assert tens.peak_requests_per_s == pytest.approx(0.4)
    assert tens.peak_start_s == 0.0
    # counts 4 and 1: mean 2.5, variance 4.5
    assert tens.dispersion == pytest.approx(4.5 / 2.5)
    assert found.requests_per_s == pytest.approx(5 / 23)
    assert found.window(60.0) is None


def test_a_survey_of_parts_is_that_of_the_whole() -> None:
    trace = poisson(50.0, 2000.0)
    survey = Survey("s")
    for start in range(0, len(trace), 777):
        part = slice(start, start + 777)
        survey.add(
            Block(
                1e9 + trace.arrival_s[part],
                trace.input_tokens[part],
                trace.output_tokens[part],
                None,
                (),
                Problems(),
            )
        )
    whole, parts = trace_statistics(trace), survey.statistics()
    assert parts.burstiness == pytest.approx(whole.burstiness, rel=1e-6)
    assert parts.correlation == pytest.approx(whole.correlation, rel=1e-6)
    assert parts.input_tokens == whole.input_tokens
    assert parts.profile == whole.profile
    assert [w.dispersion for w in parts.windows] == pytest.approx(
        [w.dispersion for w in whole.windows]
    )


def test_sums_give_what_the_requests_themselves_give() -> None:
    trace = poisson(20.0, 1500.0)
    found = trace_statistics(trace)
    times = trace.arrival_s
    starts = np.arange(0.0, times[-1], 15.0)
    minutes = [np.diff(times[(times >= s) & (times < s + 60.0)]) for s in starts]
    minutes = sorted((m for m in minutes if m.size >= 20), key=lambda m: m.size)
    least = minutes[-int(np.ceil(len(minutes) / 5))].size
    local = [m.std() / m.mean() for m in minutes if m.size >= least]
    assert found.burstiness == pytest.approx(np.median(local), rel=1e-9)
    for length, tokens in (
        (found.input_tokens, trace.input_tokens),
        (found.output_tokens, trace.output_tokens),
    ):
        assert (length.p50, length.p90, length.p99) == pytest.approx(
            np.quantile(tokens, [0.5, 0.9, 0.99])
        )
        assert length.mean == pytest.approx(tokens.mean())
    pairs = np.corrcoef(trace.input_tokens, trace.output_tokens)
    assert found.correlation == pytest.approx(pairs[0, 1], abs=1e-9)


def test_rows_before_the_first_one_are_counted() -> None:
    survey = Survey("s")
    for times in ([100.0, 101.0, 130.0], [40.5, 131.0, 130.5]):
        count = len(times)
        survey.add(
            Block(np.array(times), np.full(count, 5), np.full(count, 6), None, (), Problems())
        )
    found = survey.statistics()
    assert found.requests == 6
    assert found.duration_s == pytest.approx(90.5)
    assert survey.late == 2  # 130.5 within its block, 40.5 against the block before
    assert survey.per_second.sum() == 6


def test_poisson_arrivals_are_stationary() -> None:
    found = trace_statistics(poisson(20.0, 3600.0))
    assert found.burstiness == pytest.approx(1.0, abs=0.05)
    assert found.window(60.0).dispersion == pytest.approx(1.0, abs=0.5)  # type: ignore[union-attr]
    assert is_stationary(found)
    assert peak_to_mean(found) == pytest.approx(1.05, abs=0.08)


def test_a_moving_rate_is_told_from_bursty_arrivals() -> None:
    slow = poisson(20.0, 1800.0)
    busy = poisson(200.0, 60.0)
    joined = np.sort(np.concatenate([slow.arrival_s, 900.0 + busy.arrival_s]))
    found = trace_statistics(made(joined))
    assert not is_stationary(found)
    assert found.burstiness == pytest.approx(1.0, abs=0.1)
    assert any("unsafe" in line for line in advice(found))


def test_counts_that_vary_more_than_gaps_give_an_advice() -> None:
    """Ten seconds at 50/s, ten at 2/s: by counts sqrt(6/5*240^2/260 + 1) = 16.3."""
    random = np.random.default_rng(1)
    counts = random.poisson(np.tile(np.repeat([50.0, 2.0], 10), 90))
    found = trace_statistics(
        made(np.sort(np.repeat(np.arange(1800.0), counts) + random.random(counts.sum())))
    )
    assert found.burstiness_of_counts == pytest.approx(16.3, rel=0.05)
    assert found.burstiness < 4.0
    (options,) = [line for line in advice(found) if "plan with" in line]
    assert "for limits of a second and more --burstiness 16" in options
    assert not any("second and more" in n for n in advice(trace_statistics(poisson(20.0, 900.0))))


@pytest.mark.parametrize("seed", range(5))
def test_bursts_that_are_in_the_burstiness_are_not_advised_as_headroom(seed: int) -> None:
    """Poisson arrivals, and gamma ones with a cv of 3: their busiest 10 s are what they bring."""
    random = np.random.default_rng(seed)
    for shape in (1.0, 1 / 9):
        found = trace_statistics(made(np.cumsum(random.gamma(shape, 1 / (20 * shape), 72_000))))
        (options,) = [line for line in advice(found) if "--headroom" in line]
        assert "--headroom is for growth, not for them again" in options
        assert "--qps 2" in options


def test_headroom_is_left_for_what_burstiness_does_not_bring() -> None:
    """Poisson at 20/s but for one time of 10 s at 60/s.

    Its minute has 1,600 requests, 26.7/s; the 10 s are b = 60/26.7 - 1 = 1.25 above it. Counts vary
    there as with c = 4.8, of which the busiest of 180 parts is z(0.9944) c / sqrt(267) = 0.75 above
    the mean, with z = 2.54: 2.25/1.75 - 1 = 29 %.
    """
    steady, spike = poisson(20.0, 1800.0), np.arange(600) / 60.0
    times = steady.arrival_s[~((steady.arrival_s >= 920) & (steady.arrival_s < 930))]
    found = trace_statistics(made(np.sort(np.concatenate([times, 920.0 + spike]))))
    (options,) = [line for line in advice(found) if "--headroom" in line]
    share = int(re.search(r"--headroom (\d+)%, growth apart", options)[1])  # type: ignore[index]
    assert found.burstiness_of_counts == pytest.approx(4.8, abs=0.3)
    assert share == pytest.approx(29, abs=4)


def test_rounded_times_take_burstiness_from_counts() -> None:
    trace = poisson(5.0, 3600.0)
    found = trace_statistics(made(np.floor(trace.arrival_s / 3.0) * 3.0))
    assert found.rounded_times
    assert found.burstiness == pytest.approx(1.0, abs=0.15)


def test_rounded_times_of_a_short_trace_take_the_index_over_ten_seconds() -> None:
    # 12, 4 and 2 requests in 10 s each: mean 6, variance 28
    seconds = np.concatenate([np.repeat([0, 5], 6), np.repeat([12], 4), [20, 29, 30]])
    found = trace_statistics(made(seconds.astype(float)))
    assert found.rounded_times
    assert found.burstiness == pytest.approx(np.sqrt(28 / 6))
    # two requests at once every 10 s for two hours: no minute has 20
    thin = trace_statistics(made(np.repeat(np.arange(0.0, 7200.0, 10.0), 2)))
    assert (thin.rounded_times, thin.burstiness) == (True, 1.0)


def test_the_workload_file_keeps_lengths_and_burstiness(tmp_path: Path) -> None:
    trace = poisson(20.0, 2000.0)
    found = trace_statistics(trace)
    path = tmp_path / "w.json"
    path.write_text(workload_text(trace, found, name="mine"))
    workload = read_workload_file(path, requests_per_s=50.0)
    assert workload.name == "mine"
    assert workload.requests_per_s == 50.0
    assert workload.burstiness == pytest.approx(found.burstiness)
    assert workload.lengths.input_tokens.size == 20_000
    assert workload.lengths.mean_input == pytest.approx(found.input_tokens.mean, rel=1e-3)
    assert workload.lengths.mean_output == pytest.approx(found.output_tokens.mean, rel=0.02)
    assert workload.lengths.input_tokens.max() == found.input_tokens.longest
    assert read_workload(path, requests_per_s=50.0).name == "mine"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"workload_version": "9"}, "workload_version '9'"),
        ({"lengths": [[1, 0]]}, "at least one token"),
        ({"lengths": []}, "not pairs"),
        ({"burstiness": -1}, "burstiness"),
        ({"burstiness": "x"}, "not a workload file"),
        ({"peak_requests_per_s": [5.0]}, "not a workload file"),
        ({"peak_requests_per_s": {"60": -1}}, "busiest minute of -1"),
        ({"peak_requests_per_s": {"60": "nan"}}, "busiest minute of nan"),
    ],
)
def test_a_wrong_workload_file_is_refused(
    tmp_path: Path, change: dict[str, object], part: str
) -> None:
    trace = poisson(5.0, 300.0)
    document = json.loads(workload_text(trace, trace_statistics(trace), name="x"))
    path = tmp_path / "w.json"
    path.write_text(json.dumps(document | change))
    with pytest.raises(TraceError, match=part):
        read_workload_file(path, requests_per_s=1.0)


def test_the_command_describes_and_writes(tmp_path: Path) -> None:
    trace = poisson(5.0, 600.0)
    rows = zip(trace.arrival_s, trace.input_tokens, trace.output_tokens, strict=True)
    path, output = tmp_path / "t.csv", tmp_path / "w.json"
    path.write_text(
        "arrival_s,input_tokens,output_tokens\n" + "\n".join(f"{t},{i},{o}" for t, i, o in rows)
    )
    shown = CliRunner().invoke(command, [str(path), "-o", str(output)], standalone_mode=False)
    assert shown.exception is None
    assert "3,000 requests" in shown.output
    assert "index of dispersion" in shown.output
    assert read_workload(output, requests_per_s=9.0).name == "t"
    as_json = CliRunner().invoke(command, [str(path), "--json"], standalone_mode=False)
    assert json.loads(as_json.output)["requests"] == 3000


def test_a_workload_file_at_less_than_its_rate_is_a_random_part(tmp_path: Path) -> None:
    """cv 3 at 10/s in the busiest minute; at 2.5/s sqrt(1 + 8/4) = 1.73; without that minute 3."""
    trace = poisson(5.0, 300.0)
    document = json.loads(workload_text(trace, trace_statistics(trace), name="x"))
    document |= {"burstiness": 3.0, "peak_requests_per_s": {"60": 10.0}}
    path = tmp_path / "w.json"
    for peaks, expected in (({"60": 10.0}, 3**0.5), ({}, 3.0), (None, 3.0)):
        path.write_text(json.dumps(document | {"peak_requests_per_s": peaks}))
        found = read_workload_file(path, requests_per_s=2.5)
        assert found.burstiness == pytest.approx(expected)
