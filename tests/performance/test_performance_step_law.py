"""tau = a + b*B + g*S + d*P + q*P*ctx, and laws that are slower by a factor."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.performance.step_law import StepLaw

LAW = StepLaw(
    a=5e-3, b=1e-5, g=2e-8, d=3e-5, q=1e-9, max_batch=256, kv_tokens=1e6, chunk_tokens=2048
)


def step_s(law, *, sequences, contexts, prompt, context):
    return law.a + law.b * sequences + law.g * contexts + law.d * prompt + law.q * prompt * context


def test_a_step_by_hand():
    # 5 ms + 100 * 10 us + 50,000 * 20 ns + 512 * 30 us + 512 * 1,000 * 1 ns
    # = 5 + 1 + 1 + 15.36 + 0.512 ms
    took = step_s(LAW, sequences=100, contexts=50_000, prompt=512, context=1000)
    assert took == pytest.approx(22.872e-3)


STEPS = st.fixed_dictionaries(
    {
        "sequences": st.integers(0, 256),
        "contexts": st.integers(0, 10**6),
        "prompt": st.integers(0, 2048),
        "context": st.integers(0, 10**5),
    }
)


@given(more=st.floats(0, 4), step=STEPS)
def test_a_derated_law_takes_that_much_longer_in_every_step(more, step):
    slow = step_s(LAW.slower(1 + more), **step)
    assert slow == pytest.approx((1 + more) * step_s(LAW, **step))


def test_nothing_but_time_changes():
    slow = LAW.slower(1.5)
    assert LAW.slower(1) == LAW
    times = {name: getattr(LAW, name) for name in ("a", "b", "g", "d", "q")}
    assert replace(slow, **times) == LAW and len(fields(LAW)) > len(times)
