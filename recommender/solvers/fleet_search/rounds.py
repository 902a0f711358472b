r"""The cheapest round through the day: one fleet per period, with a price per change between two.

    min over n   sum_t own[t][n[t]]  +  sum_t change[t][n[t-1], n[t]]         n[-1] is the last one

    rounds through a state   >=  forward + own + backward     both from any start to any end
    rounds from a state      forward again from each state of the first period, back to itself

What the first line shows to be beyond a limit is taken out before the second; the period with the
fewest states comes first. All values are integers >= 0; a second value breaks ties.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

FORBIDDEN = 2**60
"""A change that no plan may make; sums of a day of them stay within 64 bits when cut off here."""


@dataclass(frozen=True, slots=True)
class Round:
    """State per period, and what the round comes to."""

    states: tuple[int, ...]
    value: int
    second: int


@dataclass(slots=True)
class Layers:
    """What a round may pass: per period its states' values, and the changes into each period.

    Attributes
    ----------
    own, second
        Per period, shape (states,): value and tie-break of each state.
    change
        Per period t, shape (states of t - 1, states of t).
    """

    own: list[Integers]
    second: list[Integers]
    change: list[Integers]

    def within(self, limit: int) -> "tuple[Layers, list[Integers]]":
        """Without states that no round within the limit passes; and which ones are left."""
        forward, backward = self._forward(), self.backward()
        through = [f + b - own for f, b, own in zip(forward, backward, self.own, strict=True)]
        through[0] = backward[0]  # own is in `forward` once, and here as well
        left = [np.flatnonzero(value <= limit) for value in through]
        return (
            Layers(
                [own[k] for own, k in zip(self.own, left, strict=True)],
                [second[k] for second, k in zip(self.second, left, strict=True)],
                [self.change[t][np.ix_(left[t - 1], left[t])] for t in range(len(left))],
            ),
            left,
        )

    def _forward(self) -> list[Integers]:
        """Least value of a walk from any state of period 0 to each state, both included."""
        reached = [self.own[0]]
        for t in range(1, len(self.own)):
            reached.append(_least(reached[-1], self.change[t]) + self.own[t])
        return reached

    def backward(self) -> list[Integers]:
        """Least value of a walk from each state to any state of period 0, which then is free."""
        count = len(self.own)
        reached = [np.empty(0, np.int64)] * count
        after = np.zeros(len(self.own[0]), np.int64)
        for t in reversed(range(count)):
            after = _least(after, self.change[(t + 1) % count].T) + self.own[t]
            reached[t] = after = np.minimum(after, FORBIDDEN)
        return reached


def _least(reached: Integers, change: Integers) -> Integers:
    """Least of ``reached[i] + change[i, j]`` over i, per j."""
    if not len(reached):
        return np.full(change.shape[1], FORBIDDEN, np.int64)
    least: Integers = np.minimum((reached[:, None] + change).min(axis=0), FORBIDDEN)
    return least


def cheapest(layers: Layers, *, limit: int, out_of_time: Callable[[], bool]) -> "Round | None":
    """The cheapest round within a limit, None where there is none; raises TimeoutError."""
    count = len(layers.own)
    first = min(range(count), key=lambda t: len(layers.own[t]))
    turned = Layers(
        *(
            [part[(first + t) % count] for t in range(count)]
            for part in (layers.own, layers.second, layers.change)
        )
    )
    ahead = turned.backward()
    bounds = ahead[0]
    best: Round | None = None
    for start in np.argsort(bounds, kind="stable"):
        most = limit if best is None else best.value
        if bounds[start] > most:
            break
        if out_of_time():
            raise TimeoutError
        found = _from(turned, int(start), ahead, most)
        if found is not None and (best is None or _key(found) < _key(best)):
            best = found
    if best is None:
        return None
    states = tuple(best.states[(t - first) % count] for t in range(count))
    return Round(states, best.value, best.second)


def _key(found: Round) -> tuple[int, int]:
    return found.value, found.second


def _from(layers: Layers, start: int, ahead: Sequence[Integers], limit: int) -> Round | None:
    """The cheapest round from a state of the first period back to it; `ahead` as of `backward`."""
    value = np.array([layers.own[0][start]])
    second = np.array([layers.second[0][start]])
    states = [np.array([start])]
    came: list[Integers] = []
    for t in [*range(1, len(layers.own)), 0]:
        into = np.array([start]) if t == 0 else np.arange(len(layers.own[t]))
        change = layers.change[t][np.ix_(states[-1], into)]
        if t == 0:
            own = more = rest = np.zeros(1, np.int64)
        else:
            own, more, rest = layers.own[t], layers.second[t], ahead[t] - layers.own[t]
        sums = value[:, None] + change
        least = sums.min(axis=0)
        ties = np.where(sums == least, second[:, None], FORBIDDEN)
        origin = ties.argmin(axis=0)
        value, second = least + own, ties.min(axis=0) + more
        kept = np.flatnonzero(value + rest <= limit)
        if not len(kept):
            return None
        value, second = value[kept], second[kept]
        states.append(into[kept])
        came.append(origin[kept])
    return Round(_walked(states, came), int(value[0]), int(second[0]))


def _walked(states: Sequence[Integers], came: Sequence[Integers]) -> tuple[int, ...]:
    """The states of the walk, backwards from its end."""
    position, walked = 0, []
    for t in reversed(range(len(came))):
        position = int(came[t][position])
        walked.append(int(states[t][position]))
    return tuple(reversed(walked))
