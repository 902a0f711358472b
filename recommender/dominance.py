"""Non-dominated rows of a table, exactly: all axes are minimised.

A row is dominated when another is no worse on every axis and better on one. Equal rows keep
the first. Axes are compared as given; canonical integers in, exact answer out.
"""

import numpy as np
import numpy.typing as npt


def nondominated(points: npt.NDArray[np.generic]) -> npt.NDArray[np.intp]:
    """Positions of the non-dominated rows of `points`, shape (n, axes), in ascending order.

    Sorted by the first axis, a row can only be dominated by an earlier one, so each row is
    compared with the front found so far.
    """
    if len(points) == 0:
        return np.empty(0, dtype=np.intp)
    order = np.lexsort(points.T[::-1])
    front = np.empty_like(points)
    kept: list[int] = []
    for position in order:
        row = points[position]
        known = front[: len(kept)]
        if not np.any(np.all(known <= row, axis=1)):
            front[len(kept)] = row
            kept.append(int(position))
    return np.sort(np.asarray(kept, dtype=np.intp))
