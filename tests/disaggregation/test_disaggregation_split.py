"""The split: parts and tails add up to the budget, whatever the targets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.disaggregation.split import (
    DECODE_TAIL,
    LENGTH_TAIL,
    NETWORK_TAIL,
    PREFILL_TAIL,
    decode_slo,
    prefill_slo,
    splits,
)
from recommender.slo import Slo, Target


def test_tails_add_up_to_that_of_the_target() -> None:
    # 3/4 + 1/8 + 1/16 + 2 * 1/32 = 24/32 + 4/32 + 2/32 + 2/32 = 1
    assert PREFILL_TAIL + DECODE_TAIL + LENGTH_TAIL + 2 * NETWORK_TAIL == 1.0


def test_by_hand() -> None:
    # 2 s, 5 % for the transfer, 10 % for decode:  2 - 0.1 - 0.2 = 1.7 s for prefill
    found = [s for s in splits(Slo((Target("ttft", 2.0), Target("itl", 0.03)))) if _is(s, 0.1, 0.2)]
    assert len(found) == 1
    assert found[0].prefill_s == pytest.approx(1.7)
    assert found[0].decode_e2e_s is None
    (prefill,) = prefill_slo(found[0]).targets
    assert (prefill.metric, prefill.percentile) == ("ttft", pytest.approx(0.9925))
    first, gaps = decode_slo(found[0], Slo((Target("ttft", 2.0), Target("itl", 0.03)))).targets
    assert first.limit_s == pytest.approx(0.2)
    assert first.percentile == pytest.approx(0.99875)
    assert gaps == Target("itl", 0.03)


def _is(split, transfer_s, decode_s) -> bool:
    return split.transfer_s == pytest.approx(transfer_s) and split.decode_first_s == pytest.approx(
        decode_s
    )


@given(
    st.floats(0.05, 30.0),
    st.floats(0.05, 60.0),
    st.sampled_from([0.5, 0.9, 0.99, 0.999]),
    st.sampled_from([("ttft",), ("e2e",), ("ttft", "e2e")]),
)
def test_parts_add_up_to_the_limits(first_s, more_s, percentile, metrics) -> None:
    limits = {"ttft": first_s, "e2e": first_s + more_s}
    slo = Slo(tuple(Target(m, limits[m], percentile) for m in metrics))
    grid = list(splits(slo))
    assert grid
    for split in grid:
        before_s = split.prefill_s + split.transfer_s
        assert split.prefill_s > 0 and split.transfer_s > 0
        if "ttft" in metrics:
            assert before_s + split.decode_first_s == pytest.approx(first_s)
        else:
            assert split.decode_first_s is None
        if "e2e" in metrics:
            assert before_s + split.decode_e2e_s == pytest.approx(first_s + more_s)
        late = [1 - t.percentile for s in (prefill_slo(split), decode_slo(split, slo))
                for t in s.targets[:1]]  # fmt: skip
        assert sum(late) < 1 - percentile


def test_without_a_budget_there_is_no_split() -> None:
    assert not list(splits(Slo((Target("tpot", 0.05),))))


def test_the_tightest_limit_and_the_strictest_percentile_are_split() -> None:
    both = Slo((Target("ttft", 1.0, 0.9), Target("ttft", 2.0, 0.99)))
    assert {split.percentile for split in splits(both)} == {0.99}
    assert max(split.prefill_s for split in splits(both)) < 1.0


def test_a_cache_waits_no_longer_than_the_rest_of_the_budget() -> None:
    for split in splits(Slo((Target("ttft", 2.0),))):
        assert split.prefill_s + split.after_prefill_s == pytest.approx(2.0)
