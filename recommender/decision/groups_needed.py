"""Fewest failure groups of one kind that carry a rate, with headroom and with losses.

    m = max( ceil((1 + h) Q / c), ceil(Q / c) + k )

Symbol   Meaning                                       Unit
Q        rate in the peak window                       requests/s
c        rate of one group within the SLO, above 0     requests/s
h, k     burst headroom; groups that may be lost       1, count

A quotient that is whole on paper is one in floating point up to the rounding of its three inputs
and three operations, half a unit in the last place each.
"""

import numpy as np
import numpy.typing as npt

ROUNDING = 6 * np.finfo(np.float64).eps / 2
"""Largest relative error of (1 + h) Q / c."""


def groups_needed(
    capacity: npt.NDArray[np.float64], *, demand: float, headroom: float, losses: int
) -> npt.NDArray[np.int64]:
    """m for each capacity c; shape (n,) of both [count]."""
    with_headroom = np.ceil(demand * (1 + headroom) / capacity * (1 - ROUNDING))
    with_losses = np.ceil(demand / capacity * (1 - ROUNDING)) + losses
    fewest: npt.NDArray[np.int64] = np.maximum(with_headroom, with_losses).astype(np.int64)
    return fewest
