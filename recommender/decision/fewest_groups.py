"""Fewest failure groups of one kind that carry a rate, with headroom and with losses.

    m = max( ceil((1 + h) Q / c), ceil(Q / c) + k )

Symbol   Meaning                                       Unit
Q        rate in the peak window                       requests/s
c        rate of one group within the SLO, above 0     requests/s
h, k     burst headroom; groups that may be lost       1, count
"""

import numpy as np
import numpy.typing as npt


def fewest_groups(
    capacity: npt.NDArray[np.float64], *, demand: float, headroom: float, losses: int
) -> npt.NDArray[np.int64]:
    """m for each capacity c; shape (n,) of both [count]."""
    with_headroom = np.ceil(demand * (1 + headroom) / capacity - 1e-12)
    with_losses = np.ceil(demand / capacity - 1e-12) + losses
    fewest: npt.NDArray[np.int64] = np.maximum(with_headroom, with_losses).astype(np.int64)
    return fewest
