"""How bursty arrivals are in the busiest minutes of a trace: plans are made for the busiest one.

Symbol   Meaning                                                                     Unit
n        gaps (times between arrivals) that begin and end in one minute              count
cv       standard deviation over mean of these gaps                                  -
tick     what times are rounded to: the usual distance of seconds with arrivals      s
w        shortest part of a minute of 10 s or more that is whole ticks               s
N_w      arrivals in each of the 60/w parts of a minute                              count
I_w      mean over minutes of Var[N_w] inside each, over the mean of N_w             -

    minutes that count    they begin every 15 s and overlap; of those with n >= 20 the busiest
                          fifth, at least twelve
    burstiness            median of cv over them; where times are rounded sqrt(I_w), at least 1,
                          since the index of dispersion of a renewal process tends to cv^2

Silence between minutes is in no gap that counts: the rate of a plan is that of the busiest minute
already. Gaps longer than the minute are missed with it; of renewal arrivals at 5/s with a cv of 2,
4.5 and 10 this finds 2.0, 4.3 and 8.9. I_w inside minutes leaves slow changes of the rate out;
there minutes begin every w, and times count as rounded where more than a fifth of the gaps are 0.

Thin traces: where no minute has 20 gaps, the same with 300 s that begin every 75 s; where these
have not either, the cv of all gaps. Rounded times without a minute of 20 requests have the square
root of the index of dispersion over 10 s (`statistics`).
"""

import numpy as np
import numpy.typing as npt

from recommender.traces.growing import added
from recommender.traces.trace import Seconds, Tokens

MINUTE_S = 60
_WINDOWS_S = (60.0, 300.0)
"""What gaps are counted in; the first that any window has enough of."""
_BEGINS = 4
"""Windows begin so often per length of one. With one, the second at which the log of a very bursty
hour starts moves the result by 15 %, with four by 2 %."""
_LEAST_IN_WINDOW = 20
_FEWEST_WINDOWS = 3
_BUSIEST = 5
_ROUNDED = 0.2
_PARTS_S = (10, 12, 15, 20, 30)


class GapSums:
    """Number, sum and sum of squares of gaps, in every window and in all."""

    def __init__(self) -> None:
        self._origin_s: float | None = None
        self._sums = {w: [np.zeros((3, 0)) for _ in range(_BEGINS)] for w in _WINDOWS_S}
        self._all = np.zeros((3, 1))
        self._zeros = 0

    def add(self, times: Seconds) -> None:
        """Count the gaps between successive times [s]; windows begin at the first of all times."""
        if self._origin_s is None:
            self._origin_s = float(times[0])
        gaps, since = np.diff(times), times - self._origin_s
        powers = np.stack([np.ones_like(gaps), gaps, gaps * gaps])
        self._zeros += int(np.count_nonzero(gaps == 0.0))
        self._all += powers.sum(axis=1, keepdims=True)
        for seconds, begins in self._sums.items():
            for place in range(_BEGINS):
                windows = np.floor(since / seconds - place / _BEGINS).astype(np.int64)
                inside = (windows[1:] == windows[:-1]) & (windows[1:] >= 0)
                ends = windows[1:][inside]
                more = np.stack([np.bincount(ends, weights=row[inside]) for row in powers])
                begins[place] = added(begins[place], more)

    @property
    def rounded(self) -> bool:
        """Whether so many requests have the time of the one before that times must be rounded."""
        return bool(self._zeros > _ROUNDED * self._all[0, 0])

    def burstiness(self) -> float:
        """Median cv of the gaps inside the busiest windows."""
        for begins in self._sums.values():
            sums = np.concatenate(begins, axis=1)
            sums = sums[:, sums[1] > 0.0]
            busiest = busiest_windows(sums[0], overlap=_BEGINS)
            if busiest.any():
                return float(np.median(_variation(sums[:, busiest])))
        return float(_variation(self._all)[0])


def busiest_windows(counts: npt.NDArray[np.float64], *, overlap: int) -> npt.NDArray[np.bool_]:
    """Which windows count, by what is in each; every moment lies in `overlap` of them.

    The fifth with most of those that have enough; all that have as many as the last are in.
    """
    filled = np.sort(counts[counts >= _LEAST_IN_WINDOW])[::-1]
    if not filled.size:
        return np.zeros(counts.size, np.bool_)
    number = max(-(-filled.size // _BUSIEST), _FEWEST_WINDOWS * overlap)
    least = filled[min(number, filled.size) - 1]
    return np.asarray(counts >= least)


def burstiness_of_counts(per_second: Tokens) -> float | None:
    """sqrt(I_w); None where no minute has enough requests.

    `per_second` has shape (seconds,), from the first time on.
    """
    tick = _tick_s(per_second)
    width = next(w for w in _PARTS_S if w % tick == 0)
    # half a tick early, so that times just before a multiple of the tick stay with it
    counts = np.concatenate([np.zeros(tick // 2, np.int64), per_second])
    counts = counts[: counts.size // width * width].reshape(-1, width).sum(axis=1)
    if counts.size < MINUTE_S // width:
        return None
    minutes = np.lib.stride_tricks.sliding_window_view(counts, MINUTE_S // width)
    busiest = busiest_windows(minutes.sum(axis=1).astype(np.float64), overlap=minutes.shape[1])
    if not busiest.any():
        return None
    parts = minutes[busiest].astype(np.float64)
    dispersion = float(parts.var(axis=1, ddof=1).mean() / parts.mean())
    return float(np.sqrt(max(dispersion, 1.0)))


def _tick_s(per_second: Tokens) -> int:
    """What times are rounded to, where a part of a minute is whole ticks; else 1 s."""
    seconds = np.flatnonzero(per_second)
    tick = int(np.median(np.diff(seconds))) if seconds.size > 1 else 1
    return tick if any(w % tick == 0 for w in _PARTS_S) else 1


def _variation(sums: Seconds) -> Seconds:
    """Standard deviation over mean; `sums` has shape (3, windows)."""
    number, total, squares = sums
    mean = total / number
    variance = np.maximum(squares / number - mean * mean, 0.0)
    variation: Seconds = np.sqrt(variance) / mean
    return variation
