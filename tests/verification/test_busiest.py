"""The busiest minute of a trace: judged by itself, since a plan is made for it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from test_verify import LAW, plan

from recommender import Spec, recommend
from recommender.commands.verify_command import command
from recommender.report.json_plan import to_json
from recommender.report.undecided import undecided
from recommender.report.verification_section import verification_sections
from recommender.slo import Slo, Target
from recommender.traces.superpose import superpose
from recommender.traces.trace import Trace
from recommender.verification.busiest import at_busiest, busiest_of
from recommender.verification.sources import FromTrace
from recommender.verification.verify import Replay, verify

LIMIT = Target("ttft", 0.5)


def made(*, busy: int, hours: float = 2.0, quiet_per_s: float = 1.0) -> Trace:
    """Evenly spaced requests, and `busy` of them in one minute in the middle."""
    middle = hours * 1800.0
    times = np.concatenate(
        [np.arange(0.0, 2 * middle, 1 / quiet_per_s), middle + np.linspace(0.0, 59.9, busy)]
    )
    times.sort()
    count = times.size
    tokens = np.full(count, 500, np.int64), np.full(count, 100, np.int64)
    return Trace("made", "compact", times - times[0], *tokens, None, ())


def asked(trace: Trace, *, promised: bool = True, failures: int = 0) -> Replay:
    arrivals = superpose(trace, requests_per_s=peak_of(trace))
    source = FromTrace(arrivals)
    return Replay(
        demand_requests_per_s=arrivals.requests_per_s,
        failures=failures,
        hours=0.0,
        source=source,
        arrivals="made",
        busiest=at_busiest(source),
        promises_busiest=promised,
    )


def peak_of(trace: Trace) -> float:
    return float(np.bincount((trace.arrival_s // 60).astype(int)).max()) / 60


def test_a_plan_that_fails_in_its_peak_minute_does_not_hold() -> None:
    """Half an hour of 1/s with a minute of 11/s: the median request comes in quiet times.

    Alone it takes a step of 8 ms and 500 tokens of 20 us, 18 ms in all; in the minute 24 ms.
    """
    trace = made(busy=600, hours=0.5)
    one = replace(plan(groups=1), targets=(Target("ttft", 0.020, 0.5),))
    found = verify(one, asked(trace))
    (replayed,) = found.replays
    assert replayed.verdict_over_all == "holds"
    assert replayed.busiest is not None and replayed.busiest.verdict == "breaks"
    assert found.verdict == "breaks" and found.verdict_in_busiest == "breaks"
    assert "replicas instead of 1" in replayed.mend
    words = str(verification_sections(found))
    assert "breaks in the peak minute of the trace, though it holds over all of it" in words

    told = verify(one, asked(trace, promised=False))
    assert told.verdict == "holds" and told.verdict_in_busiest == "breaks"
    words = str(verification_sections(told))
    assert "not promised with --slo-over trace" in words and "in the peak minute" not in words


def test_a_plan_with_room_holds_in_both() -> None:
    found = verify(plan(), asked(made(busy=2400)))
    (replayed,) = found.replays
    assert found.verdict == "holds" and found.verdict_in_busiest == "holds"
    busiest = replayed.busiest
    assert busiest is not None and busiest.promised
    assert busiest.start_s == 3600.0
    assert busiest.requests == pytest.approx(40_000, rel=0.05)
    # a fourth of 2,460 in the minute
    assert busiest.minutes == pytest.approx(40_000 / 615, abs=1.5)
    words = str(verification_sections(found))
    assert "in the peak minute of the trace and over all of it" in words
    assert words.count("peak minute'") == 2 and words.count("whole trace'") == 2  # two targets


def test_passes_do_not_wait_for_each_other() -> None:
    """A minute beyond the capacity ends with a queue that is gone before the minute comes again."""
    source = asked(made(busy=3600)).busiest
    assert source is not None
    few, many = (source(LAW, 61.0, n, 1) for n in (36_600, 366_000))
    p99 = [run.percentile("ttft", 0.99) for run in (few, many)]
    assert p99[0] == pytest.approx(p99[1], rel=0.05)


def test_each_pass_is_in_one_batch_and_gaps_are_those_of_the_minute() -> None:
    source = asked(made(busy=2400)).busiest
    assert source is not None
    run = source(LAW, 10.0, 6000, 1)
    assert run.batch is not None and run.batch.size == run.ttft_s.size
    passes = source.arrivals.pass_of(run.arrival_s)
    assert np.array_equal(run.batch, passes % 10)
    assert source.arrivals.in_peak(run.arrival_s).all()
    # decode steps that run while requests of the minute come: about 99 gaps each
    assert run.gaps.sum() == pytest.approx(99 * run.ttft_s.size, rel=0.1)


def test_goodput_is_judged_in_the_minute_too() -> None:
    source = asked(made(busy=3600)).busiest
    assert source is not None
    slo = Slo((LIMIT,), goodput=0.95)
    found = busiest_of(source(LAW, 61.0, 40_000, 1), slo, source, promised=True)
    assert found.goodput_judged is not None
    assert found.goodput_judged.verdict == found.verdict == "breaks"
    assert found.goodput_judged.breaks_from_s is None and not found.targets


def test_an_open_minute_is_not_helped_by_a_longer_replay() -> None:
    found = verify(plan(), asked(made(busy=2400)))
    (replayed,) = found.replays
    assert replayed.busiest is not None
    targets = tuple(replace(t, verdict="undecided") for t in replayed.busiest.targets)
    open_minute = replace(replayed.busiest, targets=targets)
    still = replace(found, replays=(replace(replayed, busiest=open_minute),))
    assert still.verdict == "undecided"
    assert "more requests would not tell" in undecided(still)


@pytest.mark.parametrize("over", ["peak", "trace"])
def test_the_command_says_what_is_promised(tmp_path: Path, over: str) -> None:
    trace = made(busy=600, hours=1.0, quiet_per_s=4.0)
    file = tmp_path / "log.csv"
    rows = zip(trace.arrival_s, trace.input_tokens, trace.output_tokens, strict=True)
    file.write_text(
        "arrival_s,input_tokens,output_tokens\n" + "".join(f"{a:.3f},{i},{o}\n" for a, i, o in rows)
    )
    spec = Spec(model="8b", qps="10", ttft_p99="1s", trace=str(file), gpu="H100", slo_over=over)
    saved = tmp_path / "plan.json"
    saved.write_text(to_json(recommend(spec, front=False, explain=False)))
    result = CliRunner().invoke(
        command, [str(saved), "--trace", str(file), "--json", "-q"], standalone_mode=False
    )
    document = json.loads(result.stdout)
    assert document["verdict"] == "holds"
    assert document["verdict_over_whole_trace"] == "holds"
    assert document["busiest_minute_is_promised"] is (over == "peak")
    assert document["replays"][0]["busiest"]["targets"][0]["metric"] == "ttft"
    alone = CliRunner().invoke(command, [str(saved), "--json", "-q"], standalone_mode=False)
    assert "verdict_in_busiest_minute" not in json.loads(alone.stdout)
