"""errors.csv: how far predictions are off on rows that their fit had not seen.

measured     composed from operator tables; nothing is fitted, so nothing is held out
calibrated   rows held out by configuration, those that count as covered
transferred  rows held out by model family and by accelerator, both together
roofline     rows held out by architecture
             memory and power: formulas without fitted constants, so all rows count at once

Quantiles are of log(measured / predicted): all engines together, by engine and kind of model,
with the family, and with the kind of silicon as well, each where it has enough rows. A fitted basis
never claims less error than the one above it, and `roofline` claims half as much again.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from catalog.calibration import ANY_ENGINE, Basis
from recommender.accuracy.interval import error_engines, error_kind
from recommender.accuracy.question import Question
from recommender.performance.layout_table import Floats

FEWEST_ROWS = 20
LOW, HIGH = 0.05, 0.95
NORMAL_WIDTH = 3.29
"""Standard deviations between the 5th and 95th percentile of a Gaussian."""
ROOFLINE_FACTOR = 1.5
"""Where neither accelerator nor engine was fitted, errors are taken to be this much wider."""
FORMULA_KINDS = ("weights", "kv", "activations", "memory_used", "power")
MEASURED = {
    "*": (-0.830, 0.391, 2801), "sglang dense": (-0.313, 0.334, 130),
    "sglang moe": (-0.178, 0.444, 781), "trtllm dense": (-0.364, 0.375, 594),
    "trtllm moe": (-0.745, 0.178, 437), "vllm dense": (-0.493, 0.364, 339),
    "vllm moe": (-1.086, 0.344, 520),
}  # fmt: skip
"""Low, high and rows by engine of step times from measured operators, as
`benchmarks/measured_basis.py` found them on 2026-11-22: they are composed, not fitted."""

MEASURED_FROM: dict[str, object] = {
    "source": "benchmarks/measured_basis.py on systems/silicon_sample.csv of"
    " aiconfigurator-core 0.12.0 (Apache-2.0)",
    "verification": "derived",
    "date": "2026-11-22",
}

Errors = list[tuple[str, tuple[str, ...], float]]
"""(kind, groups, log(measured / predicted))."""


def labelled(questions: Sequence[Question], errors: Floats, keep: npt.NDArray[np.bool_]) -> Errors:
    """Errors with the labels that intervals are looked up by."""
    return [
        (error_kind(question), error_engines(question), float(error))
        for question, error, use in zip(questions, errors, keep, strict=True)
        if use and np.isfinite(error)
    ]


def error_rows(found: Mapping[Basis, Errors]) -> Iterable[dict[str, object]]:
    """Rows of errors.csv, without source and date but for measured ones; the surest first."""
    for engine, (low, high, rows) in MEASURED.items():
        yield _row("measured", "tpot", engine, np.array([low, high]), rows) | MEASURED_FROM
    surer: dict[tuple[str, str], Floats] = {}
    for basis, errors in found.items():
        above_all = dict(surer)
        least = ROOFLINE_FACTOR if basis == "roofline" else 1.0
        for (kind, engine), own in _grouped(errors).items():
            ends = np.quantile(own, [LOW, HIGH])
            above = above_all.get((kind, engine), np.zeros(2))
            factor = 1.0 if kind in FORMULA_KINDS else least
            ends = np.array([min(ends[0], factor * above[0]), max(ends[1], factor * above[1])])
            surer[kind, engine] = ends
            yield _row(basis, kind, engine, ends, len(own))


def _grouped(errors: Errors) -> dict[tuple[str, str], list[float]]:
    """Errors by kind, all engines together and each that has enough rows."""
    groups: dict[tuple[str, str], list[float]] = {}
    for kind, engines, error in errors:
        for engine in (ANY_ENGINE, *engines):
            groups.setdefault((kind, engine), []).append(error)
    return {
        key: own
        for key, own in sorted(groups.items())
        if key[1] == ANY_ENGINE or len(own) >= FEWEST_ROWS
    }


def _row(basis: str, kind: str, engine: str, ends: Floats, rows: int) -> dict[str, object]:
    low, high = min(float(ends[0]), -0.01), max(float(ends[1]), 0.01)
    return {
        "basis": basis,
        "kind": kind,
        "engine": engine,
        "log_standard_deviation": round((high - low) / NORMAL_WIDTH, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "rows": rows,
    }
