"""The exact Pareto front of single-deployment plans: cost x p99 x power x quality loss.

A single-deployment plan is (kind of failure group, offer, m groups): m nodes filled with equal
replicas, or m replicas that span nodes. The groups m run

    from  max( ceil((1+h) Q / c), ceil(Q / c) + k )     demand with headroom, and k losses
          ceil(Q / c) + what a rack takes, if more      where a rack may be lost
    to    the first m whose p99 is within 2 % of idle   (more nodes buy nothing)

in steps of one, or of 2 % where that is more. Over this finite set the front is exact: axes
are canonical integers (1e-4 $/h, microseconds, W, 1e-3 %), and a kind is skipped unevaluated
only when a known plan is at least as good as its bound (cheapest m, idle p99, least power).

Symbol   Meaning                                                        Unit
Q, h, k  peak rate, burst headroom, node losses survived                requests/s, 1, nodes
c        rate of one group within the SLO                               requests/s
p99(m)   the SLO's first metric at Q/m per group, closed form           s
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.decision.groups_needed import groups_needed
from recommender.fronts.dominance import nondominated

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LARGEST_STEP = 0.02
IDLE_MARGIN = 0.02
MOST_GROUPS_FACTOR = 8
"""No plan buys more than this many times the least number of groups."""
EVALUATED_AT_ONCE = 32

Latency = Callable[[npt.NDArray[np.intp], Floats], Floats]
"""(kinds, requests/s per group) -> p99 of the first target [s]; inf where a target breaks."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Kinds:
    """Kinds of failure group on an offer, arrays of shape (n,).

    Attributes
    ----------
    replica_kind
        Position in the replica table.
    capacity
        c [requests/s].
    usd_per_h, nameplate_w, quality_loss_pct, most_groups
        Of one group; `most_groups` is stock in groups.
    least_groups
        Fewest that another limit asks for, as the loss of a rack does; None is no such limit.
    """

    replica_kind: npt.NDArray[np.intp]
    offer: npt.NDArray[np.intp]
    capacity: Floats
    usd_per_h: Floats
    nameplate_w: Floats
    quality_loss_pct: Floats
    most_groups: Integers
    least_groups: Integers | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Front:
    """Points of the front, sorted by cost: which kind, how many groups, and where they lie."""

    kind: npt.NDArray[np.intp]
    groups: Integers
    usd_per_h: Floats
    p99_s: Floats
    power_w: Floats
    quality_loss_pct: Floats
    plans_compared: int


def group_counts(fewest: int, most: int) -> Integers:
    """fewest, ..., most in steps of one or 2 %, whichever is more."""
    counts = [fewest]
    while counts[-1] < most:
        counts.append(min(most, max(counts[-1] + 1, int(counts[-1] * (1 + LARGEST_STEP)))))
    return np.asarray(counts, dtype=np.int64)


def single_deployment_front(
    kinds: Kinds,
    latency: Latency,
    *,
    demand: float,
    headroom: float,
    losses: int,
    limits: Sequence[tuple[str, float]] = (),
) -> Front:
    """The non-dominated plans over all kinds and counts.

    Parameters
    ----------
    limits
        (axis, most) with axis usd_per_h or power_w: plans beyond are left out.
    """
    usable = np.flatnonzero(kinds.capacity > 0)
    fewest = np.zeros(len(kinds.capacity), dtype=np.int64)
    fewest[usable] = groups_needed(
        kinds.capacity[usable], demand=demand, headroom=headroom, losses=losses
    )
    if kinds.least_groups is not None:
        fewest = np.maximum(fewest, kinds.least_groups)
    usable = usable[fewest[usable] <= kinds.most_groups[usable]]
    idle = np.full(len(fewest), np.inf)
    idle[usable] = latency(usable.astype(np.intp), np.full(len(usable), 1e-9))
    usable = usable[np.argsort(fewest[usable] * kinds.usd_per_h[usable], kind="stable")]
    archive = _Archive(kinds, limits)
    for start in range(0, len(usable), EVALUATED_AT_ONCE):
        batch = [
            kind
            for kind in usable[start : start + EVALUATED_AT_ONCE]
            if not archive.dominates(kind, int(fewest[kind]), idle[kind])
        ]
        archive.add(*_plans(kinds, batch, fewest, idle, latency, demand))
    return archive.front()


def _plans(
    kinds: Kinds,
    batch: list[int],
    fewest: Integers,
    idle: Floats,
    latency: Latency,
    demand: float,
) -> tuple[npt.NDArray[np.intp], Integers, Floats]:
    """All (kind, m) of a batch with their p99, cut off where p99 is within 2 % of idle."""
    counts = [
        group_counts(
            int(fewest[kind]),
            int(min(kinds.most_groups[kind], fewest[kind] * MOST_GROUPS_FACTOR)),
        )
        for kind in batch
    ]
    if not counts:
        empty = np.empty(0, dtype=np.int64)
        return empty.astype(np.intp), empty, empty.astype(np.float64)
    kind = np.repeat(np.asarray(batch, dtype=np.intp), [len(c) for c in counts])
    groups = np.concatenate(counts)
    p99_s = latency(kind, demand / groups)
    within = p99_s <= (1 + IDLE_MARGIN) * idle[kind]
    first_within = {
        int(k): int(g) for k, g in zip(kind[within][::-1], groups[within][::-1], strict=True)
    }
    last = np.asarray([first_within.get(int(k), np.iinfo(np.int64).max) for k in kind])
    keep = (groups <= last) & np.isfinite(p99_s)
    return kind[keep], groups[keep], p99_s[keep]


class _Archive:
    """The front so far, in canonical integers."""

    def __init__(self, kinds: Kinds, limits: Sequence[tuple[str, float]]) -> None:
        self.kinds = kinds
        self.limits = dict(limits)
        self.points = np.empty((0, 4), dtype=np.int64)
        self.kind = np.empty(0, dtype=np.intp)
        self.groups = np.empty(0, dtype=np.int64)
        self.compared = 0

    def _point(
        self, kind: npt.NDArray[np.intp], groups: Integers, p99_s: Floats
    ) -> npt.NDArray[np.int64]:
        axes = (
            groups * np.ceil(self.kinds.usd_per_h[kind] * 1e4 - 1e-6),
            np.ceil(p99_s * 1e6),
            groups * np.ceil(self.kinds.nameplate_w[kind]),
            np.rint(self.kinds.quality_loss_pct[kind] * 1e3),
        )
        return np.stack(axes, axis=1).astype(np.int64)

    def dominates(self, kind: int, groups: int, idle_s: float) -> bool:
        """Whether a known plan is as good as the best this kind could be."""
        if not np.isfinite(idle_s):
            return True
        bound = self._point(
            np.asarray([kind]), np.asarray([groups], dtype=np.int64), np.asarray([idle_s])
        )
        return bool(np.any(np.all(self.points <= bound[0], axis=1)))

    def add(self, kind: npt.NDArray[np.intp], groups: Integers, p99_s: Floats) -> None:
        """Merge plans into the front."""
        self.compared += len(kind)
        within = np.ones(len(kind), dtype=bool)
        for axis, most in self.limits.items():
            per_group = self.kinds.usd_per_h if axis == "usd_per_h" else self.kinds.nameplate_w
            within &= groups * per_group[kind] <= most
        kind, groups, p99_s = kind[within], groups[within], p99_s[within]
        points = np.concatenate([self.points, self._point(kind, groups, p99_s)])
        kept = nondominated(points)
        self.points = points[kept]
        self.kind = np.concatenate([self.kind, kind])[kept]
        self.groups = np.concatenate([self.groups, groups])[kept]

    def front(self) -> Front:
        """The front, cheapest first."""
        order = np.lexsort((self.points[:, 1], self.points[:, 0]))
        kind, groups = self.kind[order], self.groups[order]
        return Front(
            kind=kind,
            groups=groups,
            usd_per_h=groups * self.kinds.usd_per_h[kind],
            p99_s=self.points[order, 1] / 1e6,
            power_w=groups * self.kinds.nameplate_w[kind],
            quality_loss_pct=self.kinds.quality_loss_pct[kind],
            plans_compared=self.compared,
        )
