"""The step law of instances that share the time of an accelerator: hand sums and limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.performance.shared_law import time_shared
from recommender.performance.step_law import StepLaw


def law(a=10e-3):
    """10 ms a step, of which some are the host's."""
    return StepLaw(
        a=a, b=1e-4, g=1e-7, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e5, chunk_tokens=2048.0
    )


def test_two_instances_wait_for_each_other_but_not_for_the_host():
    shared = time_shared(law(), instances=2, host_s=4e-3)
    assert shared.a == pytest.approx(16e-3)  # 4 + 2 * (10 - 4)
    assert (shared.b, shared.g, shared.d, shared.q) == (2e-4, 2e-7, 4e-5, 2e-9)
    assert shared.max_batch == 256.0


def test_one_instance_is_the_law_itself():
    assert time_shared(law(), instances=1, host_s=4e-3) == law()


def test_a_step_is_never_shorter_than_its_host_part():
    assert time_shared(law(a=1e-3), instances=4, host_s=4e-3).a == pytest.approx(1e-3)


@given(instances=st.integers(1, 8), host_s=st.floats(0, 9e-3))
def test_more_instances_are_slower_and_a_longer_host_part_is_shared_less(instances, host_s):
    fewer = time_shared(law(), instances=instances, host_s=host_s)
    more = time_shared(law(), instances=instances + 1, host_s=host_s)
    assert more.a >= fewer.a and more.d > fewer.d
    # together they make at most as many steps as the device alone could, and no fewer than one
    assert instances / fewer.a <= 1 / (10e-3 - host_s) + 1e-9
    assert instances / fewer.a >= 1 / 10e-3 - 1e-9
