"""Wait for a network: exact cases, a simulated queue of heavy lengths, and what it grows with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.disaggregation.network_wait import wait_percentiles

TAIL = 0.01 / 32


def test_exponential_lengths_have_the_wait_of_m_m_1() -> None:
    """P(W > t) = rho exp(-(1 - rho) t / E[I])."""
    tokens = -1000.0 * np.log1p(-(np.arange(200_000) + 0.5) / 200_000)
    busy = np.array([0.1, 0.25, 0.5])
    exact = 1000.0 / (1 - busy) * np.log(busy / TAIL)
    assert wait_percentiles(tokens, busy, tail=TAIL) == pytest.approx(exact, rel=0.02)


def test_equal_lengths_have_the_wait_of_m_d_1() -> None:
    """Erlang, within one service of D: P(W <= t) = (1 - rho) exp(rho t / D)."""
    rho, tail = 0.3, 0.1  # ln(0.9 / 0.7) / 0.3 = 0.8377 services
    (found,) = wait_percentiles(np.full(10, 1000.0), np.array([rho]), tail=tail)
    assert found == pytest.approx(1000.0 * np.log(0.9 / 0.7) / 0.3, rel=0.02)
    assert found >= 1000.0 * np.log(0.9 / 0.7) / 0.3  # rounded up, never down


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.4])
def test_heavy_lengths_wait_as_long_as_a_simulated_queue(sigma: float) -> None:
    """Lindley: W' = max(W + S - A, 0); an exponential tail is 0.43 to 0.62 of it at sigma >= 1."""
    draw, rho, n = np.random.default_rng(7), 0.4, 1_000_000
    tokens = np.minimum(np.exp(draw.normal(6.5, sigma, 100_000)), 131_072.0)
    steps = draw.choice(tokens, n) - draw.exponential(tokens.mean() / rho, n)
    walk = np.concatenate(([0.0], steps.cumsum()))
    simulated = np.quantile(walk - np.minimum.accumulate(walk), 0.999)
    (found,) = wait_percentiles(tokens, np.array([rho]), tail=0.001)
    assert found == pytest.approx(simulated, rel=0.1)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=50), st.floats(1.1, 5.0))
def test_busier_or_later_never_waits_less_and_tokens_scale(lengths, scale) -> None:
    tokens = np.array(lengths, dtype=np.float64)
    busy = np.array([0.0, 0.1, 0.3, 0.5])
    found = wait_percentiles(tokens, busy, tail=TAIL)
    assert found[0] == 0.0 and (np.diff(found) >= 0).all()
    assert (wait_percentiles(tokens, busy, tail=10 * TAIL) <= found * 1.02 + 1e-9).all()
    assert wait_percentiles(tokens * scale, busy, tail=TAIL) == pytest.approx(
        found * scale, rel=0.02
    )
