"""Smooth roofline: the time of work that needs both arithmetic and memory traffic.

    smax(x, y) = (x^p + y^p)^(1/p)
    t          = smax(F / (f*e_c), B / (b*e_m))

Symbol    Meaning                                                       Unit
F, B      work and bytes moved                                          FLOP, B
f, b      peak rates of the accelerator                                 FLOP/s, B/s
e_c, e_m  share of each peak that kernels reach                         1
p         sharpness: infinity is max(x, y); about 2 near the ridge      1

smax is at least max(x, y), at most 2^(1/p) times it, monotone, and homogeneous: the smooth
roofline of a sum of equal layers is the sum of theirs.
"""

import numpy as np

from recommender.sizing.number import Number


def smooth_max(x: Number, y: Number, *, sharpness: Number) -> Number:
    """(x^p + y^p)^(1/p) for x, y >= 0, safe from overflow and at 0."""
    high = np.maximum(x, y)
    low = np.minimum(x, y)
    ratio = low / np.where(high > 0, high, 1.0)
    return high * (1.0 + ratio**sharpness) ** (1.0 / sharpness)
