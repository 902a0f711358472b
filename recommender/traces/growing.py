"""Sums over parts of a trace whose length is not known before its end."""

from typing import Any

import numpy as np
import numpy.typing as npt


def added(sums: npt.NDArray[Any], more: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The sum of two arrays, the one with the shorter rows continued by zeros.

    Shapes (..., n) and (..., m); the result, (..., max(n, m)), may be `sums` itself.
    """
    width = more.shape[-1]
    if width > sums.shape[-1]:
        missing = np.zeros((*sums.shape[:-1], width - sums.shape[-1]), sums.dtype)
        sums = np.concatenate([sums, missing], axis=-1)
    sums[..., :width] += more
    return sums
