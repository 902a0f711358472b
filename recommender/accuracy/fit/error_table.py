"""errors.csv and spread.csv: how far predictions are off on rows that their fit had not seen.

Levels and the rows behind them: `error_samples`. Of speeds, sizes are shrunk from group to group
(`spread_fit`) and quantiles are cross-fitted (`conformal`):

    low, high of a group = quantiles of e/s, all groups together, times s of the group
    log_standard_deviation of it, for plans: on the slow side (`conformal`), of the errors that a
    plan makes, which knows no version and no traits

spread.csv holds the slopes of s, and what its traits add. Memory and power: `formula_tables`.
`measured` is composed from operator tables; nothing is fitted, so nothing is held out.

A level never claims less error than a surer one, and `roofline` claims half as much again as
`transferred` for step times, as collectives by rule were never measured.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catalog.calibration import ANY_ENGINE, ErrorLevel
from recommender.accuracy.fit.conformal import SMALLEST, Calibrated
from recommender.accuracy.fit.error_row import error_row
from recommender.accuracy.fit.error_samples import LevelSample
from recommender.accuracy.fit.far_rows import FEWEST_OF_A_GROUP, far_counts
from recommender.accuracy.spread import FEATURES

ROOFLINE_FACTOR = 1.5
SURER: Mapping[ErrorLevel, ErrorLevel] = {
    "calibrated": "known", "recombined": "calibrated", "assumed": "calibrated",
    "transferred": "recombined", "roofline": "transferred",
}  # fmt: skip
MEASURED = {
    "*": (-0.755, 0.306, 2371), "sglang dense": (-0.446, 0.325, 130),
    "sglang moe": (-0.175, 0.443, 444), "trtllm dense": (-0.333, 0.184, 572),
    "trtllm moe": (-0.546, 0.188, 412), "vllm dense": (-0.480, 0.239, 336),
    "vllm moe": (-1.082, 0.299, 477),
}  # fmt: skip
"""Low, high and rows by engine of step times from measured operators, as
`benchmarks/measured_basis.py` found them on 2026-11-22: they are composed, not fitted."""

MEASURED_FROM: dict[str, object] = {
    "source": "benchmarks/measured_basis.py on systems/silicon_sample.csv of"
    " aiconfigurator-core 0.12.0 (Apache-2.0)",
    "verification": "derived",
    "date": "2026-11-22",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What errors.csv says of a group of speeds."""

    low: float
    high: float
    slow: float
    """Standard deviation on the slow side, of what plans predict."""
    rows: int
    far: int
    """Of them, off by more than three times."""
    widened: tuple[float, float] = (1.0, 1.0)
    """Low and high against what was found, at least 1: a surer level claims no more."""


Claims = Mapping[tuple[ErrorLevel, str, str], Claim]
"""By level, kind and group, the surest level first."""


def measured_rows() -> Iterable[dict[str, object]]:
    """Rows of composed operators, with their own source and date."""
    for engine, (low, high, rows) in MEASURED.items():
        row = error_row("measured", "tpot", engine, np.array([low, high]), rows)
        yield {**row, "far": "", **MEASURED_FROM}


def claims_of(
    found: Sequence[tuple[LevelSample, Calibrated]], planned: Sequence[Calibrated]
) -> Claims:
    """What is claimed of every group; `found` has the surest level first, and `planned` is the
    same with the errors of plans.
    """
    claimed: dict[tuple[ErrorLevel, str, str], Claim] = {}
    for (level_sample, own), plan in zip(found, planned, strict=True):
        level, kind = level_sample.level, level_sample.kind
        counted = far_counts(level_sample.sample)
        for chain, (far, rows) in sorted(counted.items()):
            if chain and rows < FEWEST_OF_A_GROUP:
                continue
            name = chain[-1] if chain else ANY_ENGINE
            low, high = own.spread.group_size(chain) * np.array([own.low, own.high])
            slow = plan.spread.group_size(chain) * plan.slow
            surer = claimed.get((SURER[level], kind, name)) if level in SURER else None
            factor = ROOFLINE_FACTOR if (level, kind) == ("roofline", "tpot") else 1.0
            claimed[level, kind, name] = _no_surer(surer, factor, Claim(low, high, slow, rows, far))
    return claimed


def speed_rows(claims: Claims) -> Iterable[dict[str, object]]:
    """Rows of errors.csv for speeds, without source and date."""
    for (level, kind, name), claim in claims.items():
        ends = np.array([claim.low, claim.high])
        row = error_row(level, kind, name, ends, claim.rows, deviation=claim.slow)
        yield {**row, "far": claim.far}


def slope_rows(
    found: Sequence[tuple[LevelSample, Calibrated]],
) -> Iterable[dict[str, object]]:
    """Rows of spread.csv, without source and date."""
    for level_sample, own in found:
        counted = Counter(name for names in level_sample.sample.traits for name in names)
        slopes = [
            *zip(FEATURES, own.spread.at, own.spread.slope, strict=True),
            *((name, 0.0, added) for name, added in sorted(own.spread.trait.items())),
        ]
        for feature, at, slope in slopes:
            yield {
                "basis": level_sample.level,
                "kind": level_sample.kind,
                "feature": feature,
                "at": round(float(at), 4),
                "slope": round(float(slope), 4),
                "rows": counted.get(feature, len(level_sample.sample)),
            }


def _no_surer(surer: Claim | None, factor: float, found: Claim) -> Claim:
    """A claim at least `factor` as wide as that of the surer level."""
    low, high = min(found.low, -SMALLEST), max(found.high, SMALLEST)
    wide = np.array([low, high, found.slow])
    if surer is not None:
        above = factor * np.array([surer.low, surer.high, surer.slow])
        wide = np.where(np.abs(above) > np.abs(wide), above, wide)
    widened = (max(float(wide[0]) / low, 1.0), max(float(wide[1]) / high, 1.0))
    low, high, slow = wide.tolist()
    return replace(found, low=low, high=high, slow=slow, widened=widened)
