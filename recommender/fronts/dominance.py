"""Non-dominated rows of a table, exactly: all axes are minimised.

A row is dominated when another is no worse on every axis and better on one. Equal rows keep
the first. Axes are compared as given; canonical integers in, exact answer out.
"""

import numpy as np
import numpy.typing as npt

BLOCK = 256
Points = npt.NDArray[np.int64] | npt.NDArray[np.float64]


def nondominated(points: Points) -> npt.NDArray[np.intp]:
    """Positions of the non-dominated rows of `points`, shape (n, axes), in ascending order.

    In lexicographic order a row can only be dominated by an earlier one. Blocks of rows are
    compared with the front so far, then with the earlier rows of their own block.
    """
    order = np.lexsort(points.T[::-1]) if len(points) else np.empty(0, dtype=np.intp)
    front = points[:0]
    kept: list[npt.NDArray[np.intp]] = []
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK]
        block = block[~_covered(points[block], front)]
        block = block[~_covered_within(points[block])]
        kept.append(block)
        front = np.concatenate([front, points[block]])
    return np.sort(np.concatenate(kept)) if kept else order


def _covered(rows: Points, front: Points) -> npt.NDArray[np.bool_]:
    """Whether a row of the front is at least as good on every axis, per row."""
    covered: npt.NDArray[np.bool_] = np.ones((len(rows), len(front)), dtype=np.bool_)
    for axis in range(rows.shape[1]):
        covered &= front[None, :, axis] <= rows[:, None, axis]
    return np.asarray(covered.any(axis=1))


def _covered_within(rows: Points) -> npt.NDArray[np.bool_]:
    """Whether an earlier row is at least as good on every axis, per row."""
    covered: npt.NDArray[np.bool_] = np.tri(len(rows), k=-1, dtype=np.bool_)
    for axis in range(rows.shape[1]):
        covered &= rows[None, :, axis] <= rows[:, None, axis]
    return np.asarray(covered.any(axis=1))
