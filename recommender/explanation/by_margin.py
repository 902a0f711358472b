"""What the margin for model error alone keeps out: a measurement of such a kind decides.

    out by its margin alone:    max_m x[m] > 1   and   max_m x0[m] <= 1   and   r0 > 0

Symbol  Meaning                                                              Unit
x[m]    what the idle replica reaches of target m, over the target's limit,  1
        with its step times at the confidence of the request
x0[m]   the same with its central step times, without the margin             1
r0      its largest rate within all targets, without the margin              requests/s

The margin is `exp(z(c) * s)` on all steps (`enumeration/confidence.py`): wide where nothing alike
was measured, so that a target may be missed by what is not known rather than by the hardware.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.decision.rates import held_rate
from recommender.decision.study import Study
from recommender.explanation.nearest import Positions, allowed_target, idle_of_limits
from recommender.slo import Target
from recommender.wording import duration_apart, duration_text

MOST_OTHERS = 3
"""Accelerators that are named beside the nearest."""


def out_by_margin(study: Study) -> Positions:
    """Replica kinds too slow at the request's confidence, and quick enough without its margin."""
    central, request = study.table.central_law, study.request
    too_slow = np.flatnonzero(study.rates.rate <= 0)
    if len(too_slow) == 0:
        return too_slow
    rate = held_rate(central.take(too_slow), request.workload, request.slo)
    held = too_slow[rate > 0]
    if len(held) == 0:
        return held
    with_margin = idle_of_limits(study.table.law.take(held), request).max(axis=0)
    without = idle_of_limits(central.take(held), request).max(axis=0)
    out: Positions = held[(with_margin > 1.0) & (without <= 1.0)]
    return out


def margin_sentence(study: Study, positions: Positions) -> str:
    """The kind that misses by least, with and without its margin; then whom else that keeps out.

    Accelerators of which nothing serves come first, one kind each: of them it decides most.
    """
    serving = {_accelerator(study, int(p)) for p in np.flatnonzero(study.rates.rate > 0)}
    kinds: dict[str, list[int]] = {}
    for position in positions:
        kinds.setdefault(_accelerator(study, int(position)), []).append(int(position))
    wholly_out = [found for name, found in kinds.items() if name not in serving]
    misses = [_nearest(study, found) for found in wholly_out or kinds.values()]
    misses.sort(key=lambda miss: miss.excess)
    if not misses:
        return ""
    first, *others = misses
    sentence = f"{first.in_full(study)}: measuring it decides"
    if not wholly_out or not others:
        return sentence
    also = [miss.in_short(study) for miss in others[:MOST_OTHERS]]
    more = len(others) - MOST_OTHERS
    return f"{sentence}; likewise {', '.join(also)}{f', {more} more' if more > 0 else ''}"


@dataclass(frozen=True, slots=True)
class _Miss:
    """The target that an idle kind misses most, with and without the margin."""

    kind: int
    target: Target
    excess: float
    without: float
    margin: float
    basis: str

    def in_full(self, study: Study) -> str:
        return (
            f"{study.table.describe(self.kind)}: idle {self._name(study)} "
            f"{self._time(self.excess)} with the margin of {study.request.spec.confidence:.0%} "
            f"confidence (steps x {self.margin:.2f}: {self.basis}), "
            f"{self._time(self.without)} without, target {duration_text(self.target.limit_s)}"
        )

    def in_short(self, study: Study) -> str:
        return (
            f"{_accelerator(study, self.kind)} ({self._name(study)} {self._time(self.excess)}, "
            f"{self._time(self.without)} without; x {self.margin:.2f}: {self.basis})"
        )

    def _name(self, study: Study) -> str:
        return allowed_target(study.request, self.target).name

    def _time(self, of_limit: float) -> str:
        return duration_apart(of_limit * self.target.limit_s, self.target.limit_s)


def _nearest(study: Study, positions: Sequence[int]) -> _Miss:
    """Of these kinds the one whose worst target is missed by least."""
    chosen, request = np.asarray(positions, dtype=np.intp), study.request
    law, central = study.table.law.take(chosen), study.table.central_law.take(chosen)
    excess = idle_of_limits(law, request)
    nearest = int(np.argmin(excess.max(axis=0)))
    worst = int(np.argmax(excess[:, nearest]))
    return _Miss(
        kind=positions[nearest],
        target=request.slo.targets[worst],
        excess=float(excess[worst, nearest]),
        without=float(idle_of_limits(central, request)[worst, nearest]),
        margin=float(np.asarray(law.a)[nearest] / np.asarray(central.a)[nearest]),
        basis=str(np.asarray(law.basis)[nearest]),
    )


def _accelerator(study: Study, position: int) -> str:
    hardware = study.table.hardware[int(study.table.hardware_index[position])]
    return hardware.accelerator.name
