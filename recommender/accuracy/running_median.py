"""The median of a stream of numbers in bounded memory: exact of few, within a bound of many.

Values are kept until there are 2*K; then they are sorted, and every other one goes one level up,
where it stands for two (Munro and Paterson, Selection and sorting with limited storage, 1980). A
value of level l stands for 2^l; a level that is full is halved in the same way. Keeping the first
of each pair raises the rank of a number by 0 or 2^l, keeping the second lowers it by as much. They
alternate, so that two halvings of a level are off by 2^l at most, one way or the other:

    halvings of level l = n / (2*K * 2^l)
    rank error / n <= levels / (4*K),    levels <= 1 + log2(n / (2*K))

Symbol  Meaning                                                                       Unit
K       `KEPT` values, half of what a level holds                                     count
n       values added                                                                  count

A million values: within 0.05 % of their ranks, in 8 levels or at most 520 kB.
"""

from array import array

import numpy as np

from recommender.performance.layout_table import Floats

KEPT = 4096


class RunningMedian:
    """Numbers come in blocks; their median can be asked for at any time."""

    __slots__ = ("_levels", "_second")

    def __init__(self) -> None:
        self._levels = [array("d")]
        self._second = [False]
        """Whether the next halving of a level keeps the second of each pair."""

    def add(self, values: Floats) -> None:
        """Take in numbers, shape (n,)."""
        self._levels[0].extend(values.tolist())
        level = 0
        while level < len(self._levels):
            while len(self._levels[level]) >= 2 * KEPT:
                self._halve(level)
            level += 1

    def _halve(self, level: int) -> None:
        full = self._levels[level]
        if level + 1 == len(self._levels):
            self._levels.append(array("d"))
            self._second.append(False)
        rest = full[2 * KEPT :]
        chosen = np.sort(np.array(full[: 2 * KEPT]))[int(self._second[level]) :: 2]
        self._levels[level + 1].extend(chosen.tolist())
        self._levels[level] = rest
        self._second[level] = not self._second[level]

    def median(self) -> float:
        """The median of all numbers so far; of an even count the mean of the middle two.

        Raises
        ------
        ValueError
            There is none.
        """
        values = np.concatenate([np.array(level, dtype=np.float64) for level in self._levels])
        if not len(values):
            raise ValueError("no number has a median")
        weights = np.repeat([2.0**level for level in range(len(self._levels))], self._held())
        order = np.argsort(values, kind="stable")
        below = np.cumsum(weights[order])
        half = below[-1] / 2
        first = int(np.searchsorted(below, half, side="left"))
        second = int(np.searchsorted(below, half, side="right"))
        return float((values[order[first]] + values[order[min(second, len(order) - 1)]]) / 2)

    def _held(self) -> list[int]:
        return [len(level) for level in self._levels]
