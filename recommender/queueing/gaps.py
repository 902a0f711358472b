"""The histogram of the gaps between tokens, filled by the compiled simulator."""

import numpy as np

from recommender.compiled import compiled_in_place
from recommender.queueing.state import BINS, BINS_PER_DECADE, SHORTEST_GAP_S, Floats


@compiled_in_place
def _bin(gap_s: float) -> int:
    place = int(BINS_PER_DECADE * np.log10(gap_s / SHORTEST_GAP_S + 1e-300))
    return min(max(place, 0), BINS - 1)


@compiled_in_place
def count_gaps(
    gaps: Floats, row: int, first_s: float, growth: float, steps: int, batch: int
) -> None:
    """Gaps first_s, first_s + growth, ... of `batch` sequences, spread evenly over their bins."""
    low = _bin(first_s)
    high = low if steps == 1 else _bin(first_s + growth * (steps - 1))
    share = steps * batch / (high - low + 1)
    for place in range(low, high + 1):
        gaps[row, place] += share
