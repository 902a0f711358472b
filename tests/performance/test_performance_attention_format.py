"""Decodes attend in the format of the cache where kernels do."""

from types import SimpleNamespace

import numpy as np
import pytest

from catalog.loader import load
from recommender.performance.attention_work import decode_flop_per_s

CACHES = np.array([0.5, 1.0, 2.0])


@pytest.mark.parametrize(
    ("name", "teraflops"),
    [
        ("B200 180GB SXM", [4500, 4500, 2250]),  # compute capability 10.0
        ("GB300 288GB (per GPU, NVL72)", [5000, 5000, 2500]),  # 10.3
        ("H100 80GB SXM5", [989.5] * 3),
        ("RTX PRO 6000 Blackwell Server", [467.8] * 3),  # 12.0: other kernels
        ("MI300X", [1307.4] * 3),
    ],
)
def test_of_the_catalogue(name, teraflops):
    accelerator = load().accelerator(name)
    found = decode_flop_per_s(accelerator, kv_element_bytes=CACHES)
    assert found / 1e12 == pytest.approx(np.array(teraflops), rel=1e-3)


@pytest.mark.parametrize(("capability", "fp8"), [(None, 2000.0), ("10.0", None), ("", 2000.0)])
def test_what_is_not_known_attends_in_sixteen_bits(capability, fp8):
    accelerator = SimpleNamespace(
        name="X", compute_capability=capability, bf16_tflops=1000.0, fp8_tflops=fp8
    )
    assert (decode_flop_per_s(accelerator, kv_element_bytes=CACHES) == 1e15).all()
