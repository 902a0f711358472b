"""Targets as text: what is read, what is refused and with which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import SpecError
from recommender.request.slo_of import check_slo, flag_of, slo_of
from recommender.request.spec_file import make_spec
from recommender.request.target_text import target_of, targets_of, written
from recommender.slo import EVERY_REQUEST, METRICS, Bucket, Slo, Target

ASKED = {"model": "8b", "qps": "50"}


def spec(**values):
    return make_spec(ASKED | values)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ttft p95 <= 150ms", Target("ttft", 0.15, 0.95)),
        ("TTFT P99.9<=1.5s", Target("ttft", 1.5, 0.999)),
        ("e2e p50 ≤ 2min", Target("e2e", 120.0, 0.5)),
        ("ttft p95 <= 150ms for input <= 1024", Target("ttft", 0.15, 0.95, Bucket(None, 1024))),
        ("ttft p95 <= 150ms for input < 1k", Target("ttft", 0.15, 0.95, Bucket(None, 999))),
        (
            "tpot p99 <= 50ms for output > 10 and output <= 500 and input >= 8k",
            Target("tpot", 0.05, 0.99, Bucket(8000, None, 11, 500)),
        ),
        ("ttft p99 <= 1s for input = 512", Target("ttft", 1.0, 0.99, Bucket(512, 512))),
    ],
)
def test_what_is_read(text, target):
    assert target_of(text) == target
    assert target_of(written(target)) == target


buckets = st.builds(
    Bucket,
    st.none() | st.integers(1, 100),
    st.none() | st.integers(100, 9999),
    st.none() | st.integers(1, 100),
    st.none() | st.integers(100, 9999),
)


@given(
    st.builds(
        Target,
        st.sampled_from(METRICS[:2]),
        st.integers(1, 10**6).map(lambda ms: ms / 1e3),
        st.integers(5000, 9999).map(lambda p: p / 10_000),
        buckets,
    )
)
def test_every_target_reads_back(target):
    assert target_of(written(target)) == target


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ttfd p95 <= 1s", "did you mean ttft"),
        ("ttft p95 >= 1s", "write <= for >="),
        ("ttft p95 <= 150", "has no unit"),
        ("ttft 95 <= 1s", "is not a target; write it like"),
        ("ttft <= 1s", "states no percentile"),
        ("ttft pxx <= 1s", "write p99 or p99.9"),
        ("ttft p12 <= 1s", "from p50 to p99.99"),
        ("ttft p95 <= 1s for inptu < 3", "did you mean input"),
        ("ttft p95 <= 1s fro input < 3", "did you mean for"),
        ("ttft p95 <= 1s for input", "is not a length limit"),
        ("ttft p95 <= 1s for input <= 1.5", "whole number of tokens"),
        ("ttft p95 <= 1s for input < 10 and input > 20", "the bucket is empty"),
        ("itl p95 <= 1s for input < 10", "gaps between tokens"),
        ("ttft p95 <= 1s; ttft p95 <= 2s", "has two limits"),
        ("ttft p95 <= 1s for input < 9; ttft p95 <= 2s for input <= 8", "has two limits"),
        ("ttft p95 <= 0.1ms", "between 1ms and 24h"),
    ],
)
def test_what_is_refused(text, words):
    with pytest.raises(SpecError, match=words):
        spec(slo=text)


def test_flags_and_targets_combine_in_order():
    asked = slo_of(spec(p99="300ms", slo=["ttft p95 <= 150ms for input <= 1024"]))
    assert [t.name for t in asked.targets] == [
        "TTFT p99", "TPOT p99", "TTFT p95 for input <= 1024"
    ]  # fmt: skip
    # a TPOT target of one's own for all requests takes the companion's place
    asked = slo_of(spec(p99="300ms", slo="tpot p95 <= 30ms"))
    assert [t.name for t in asked.targets] == ["TTFT p99", "TPOT p95"]
    asked = slo_of(spec(p99="300ms", slo="tpot p95 <= 30ms for output > 100"))
    assert len(asked.targets) == 3


def test_goodput_takes_the_place_of_percentiles_but_of_gaps():
    asked = spec(ttft_p99="200ms", itl_p99="100ms", slo="tpot <= 30ms", goodput="95%")
    found = slo_of(asked)
    assert found.goodput == 0.95
    assert [t.metric for t in found.together] == ["ttft", "tpot"]
    assert [t.percentile for t in found.targets] == [0.95, 0.99, 0.95]
    assert [t.name for t in found.apart] == ["ITL p99"]
    assert flag_of(asked, 0) == "--ttft-p99" and flag_of(asked, 2) == "--slo tpot"


def test_a_limit_is_named_by_the_flag_that_was_given():
    """`--ttft-p99 162ms` beside `--p99 60ms` is refused, so a repair must say `--p99 162ms`."""
    asked = spec(p99="60ms")
    assert [flag_of(asked, i) for i in range(2)] == ["--p99", "--tpot-p99"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ttft_p99": "1s", "goodput": "40%"}, "between 50% and 99.95%"),
        ({"ttft_p99": "1s", "goodput": "100%"}, "between 50% and 99.95%"),
        ({"itl_p99": "1s", "goodput": "99%"}, "limit ttft, tpot or e2e too"),
        ({"slo": "itl <= 1s", "ttft_p99": "1s", "goodput": "99%"}, "gaps are no requests"),
        ({"goodput": "99%"}, "no latency target"),
    ],
)
def test_goodput_that_means_nothing_is_refused(values, words):
    with pytest.raises(SpecError, match=words):
        spec(**values)


def test_a_saved_spec_reads_back():
    asked = spec(p99="300ms", slo="ttft p95 <= 150ms for input < 1k; itl p99.9 <= 1s")
    assert make_spec(asked.model_dump(mode="json", exclude_none=True)) == asked


def test_buckets_that_cannot_be_told_are_refused(facts):
    from recommender.request.chosen_workload import chosen_workload

    workload = chosen_workload(spec(p99="1s"), facts)
    long = int(workload.lengths.input_tokens.max())
    for bucket, p, words in (
        (Bucket(long + 1), 0.99, "0 % of the requests of workload chat are in this bucket"),
        (Bucket(long), 0.99, "widen the bucket or lower the percentile"),
        (EVERY_REQUEST, 0.9999, "must be simulated to tell"),
    ):
        with pytest.raises(SpecError, match=words):
            check_slo(Slo((Target("ttft", 1.0, p, bucket),)), workload)
    check_slo(Slo((Target("ttft", 1.0, 0.95, Bucket(None, 1024)),)), workload)
    check_slo(Slo((Target("ttft", 1.0, 0.99, Bucket(long)),), 0.99), workload)


def test_a_list_of_targets():
    two = ["ttft p95 <= 1s", Target("e2e", 9.0)]
    assert targets_of(two) == (Target("ttft", 1.0, 0.95), Target("e2e", 9.0))
    assert targets_of("ttft p95 <= 1s;") == (Target("ttft", 1.0, 0.95),)
