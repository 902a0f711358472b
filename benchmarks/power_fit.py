"""Fit the constants of power, and score them with families and accelerators held out.

    python benchmarks/power_fit.py FILE.csv [FILE.csv ...]

Prints the constants beside those that `recommender/sizing/power.py` holds, and the errors of
accelerator power: with the shipped constants, and of rows whose family of models, or whose
accelerator, the fit had not seen.
"""

import sys
from pathlib import Path

import numpy as np

from catalog.calibration import load_calibration
from recommender.accuracy.fit.measured import read_measured
from recommender.accuracy.fit.power_fit import (
    fit_power,
    held_out_power,
    power_rows,
    shipped_constants,
)
from recommender.performance.layout_table import Floats


def main() -> None:
    """Fit, hold out, print."""
    measured = read_measured([Path(name) for name in sys.argv[1:]], None).of_kinds(("power",))
    rows = power_rows(measured, load_calibration())
    shipped = shipped_constants()
    fitted = fit_power(rows, np.ones(len(rows.questions), dtype=bool))
    print(f"{len(rows.questions)} rows; s_0, s_1 (share of TDP), e_r (pJ/B), e_c (pJ/operation)")
    print("shipped ", np.round(shipped, 3))
    print("refitted", np.round(fitted, 3))
    scenarios = [question.scenario for question in rows.questions]
    for way, errors in {
        "shipped constants": np.log(rows.share) - rows.log_share(shipped),
        "family of models held out": held_out_power(rows, [s.model.family for s in scenarios]),
        "accelerator held out": held_out_power(rows, [s.accelerator.name for s in scenarios]),
    }.items():
        print(f"{way:28} {_score(errors)}")


def _score(errors: Floats) -> str:
    relative = np.abs(np.expm1(-errors))
    bias, within = np.expm1(-errors.mean()), (relative <= 0.2).mean()
    low, high = np.exp(np.quantile(errors, [0.05, 0.95]))
    return (
        f"median {100 * np.median(relative):.1f} %, mean {100 * relative.mean():.1f} %,"
        f" bias {100 * bias:+.1f} %, within 20 % {100 * within:.0f} %;"
        f" 90 % of measured / predicted in {low:.2f} .. {high:.2f}"
    )


if __name__ == "__main__":
    main()
