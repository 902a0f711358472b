"""What it costs to widen weights inside the kernel, where they are stored in fewer bits than they
are computed in (weight-only formats).

    arithmetic_s = widened * flop / peak of the format computed in

Stored   widened   measured
8 bits   1.03      1.00 to 1.07
4 bits   1.06      1.04 to 1.12

Medians of matrix products of 256 rows and more by matrices of at least 2,048 x 2,048, against the
same in bf16: operator tables of aiconfigurator-core 0.12.0 (Apache-2.0), TensorRT-LLM 1.0.0 on
A100, some 1,100 shapes of each. Triton kernels of SGLang 0.5.6 for int8 on H100 take 1.75 to 2.3
times as long: they are not what engines choose for weights of 4 bits, and not modelled.
"""

import numpy as np

from recommender.sizing.number import Number

EIGHT_BITS, FOUR_BITS = 1.03, 1.06
NARROWER = 0.9
"""Scales beside the weights make formats up to a tenth wider than their name."""


def widened(*, stored_bits: Number, compute_bits: Number) -> Number:
    """Arithmetic of a weight-only format against that of the format it is computed in [1]."""
    cost = np.where(np.asarray(stored_bits) < 8 * NARROWER, FOUR_BITS, EIGHT_BITS)
    return np.where(np.asarray(stored_bits) < NARROWER * np.asarray(compute_bits), cost, 1.0)
