"""Own runs on silicon that the shipped constants were never fitted to.

What such runs are slower by is a matter of the silicon, not of the engine: scaled engine-wide they
would make every other accelerator slower or faster too. They become a deviation of that silicon,

    shares of peaks / s,   overheads * s,   with s such that median log(measured / predicted) = 0

found by repeating s <- s * exp(median), since parts of a step (collectives, work per sequence) do
not depend on the silicon and stay as they are. Where shares of peaks saturate, no s may be enough:
it ends at half or twice of what the first median asks for.
"""

import datetime
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from catalog.calibration import Calibration, Kind
from catalog.calibration_rows import Deviation
from recommender.performance.layout_table import Floats

MOST_ROUNDS = 40
CLOSE = 1e-4
FURTHEST = 2.0


def fitted_silicon(calibration: Calibration, name: str) -> bool:
    """Whether runs on this kind of silicon are among those that the constants were fitted to."""
    return calibration.architecture(name) is not None


def scaled_on_silicon(
    calibration: Calibration,
    *,
    engine: str,
    kind: Kind,
    silicon: str,
    slowness: Callable[[Calibration], Floats],
    rows: int,
    source: str,
) -> Calibration:
    """The calibration with that deviation; `slowness` is log(measured / predicted)."""
    scale, scaled = 1.0, calibration
    plain = float(np.exp(np.median(slowness(scaled))))
    for _ in range(MOST_ROUNDS):
        middle = float(np.median(slowness(scaled)))
        further = float(np.clip(scale * np.exp(middle), plain / FURTHEST, plain * FURTHEST))
        if abs(middle) < CLOSE or further == scale:
            break
        scale = further
        deviation = Deviation(
            engine=engine,
            kind=kind,
            scope="silicon",
            name=silicon,
            compute_factor=1 / scale,
            bandwidth_factor=1 / scale,
            overhead_factor=scale,
            rows=rows,
            source=source,
            note=f"shares of peaks / {scale:.3f}, overheads x {scale:.3f}",
            verification="derived",
            date=datetime.date.today(),
        )
        scaled = _with(calibration, deviation)
    return scaled


def _with(calibration: Calibration, row: Deviation) -> Calibration:
    key = (row.engine, row.kind, row.scope, row.name)
    others = tuple(
        other
        for other in calibration.deviations
        if (other.engine, other.kind, other.scope, other.name) != key
    )
    return replace(calibration, deviations=(*others, row))
