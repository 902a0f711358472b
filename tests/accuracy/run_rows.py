"""Rows of runs for tests: what plans predict, times a factor and noise."""

import csv
from dataclasses import replace

import numpy as np
from measurement_rows import GOOD, row

from catalog.calibration import load_calibration
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.prediction import in_unit, own_values

CALIBRATION = load_calibration()
PLANNED = replace(
    CALIBRATION, deviations=tuple(row for row in CALIBRATION.deviations if row.scope != "version")
)
"""As plans predict: of no version in particular."""


def records(factor=1.0, count=24, noise=0.0):
    """Rows whose values are what plans predict, times a factor."""
    rng = np.random.default_rng(1)
    rows = [
        row(
            concurrency_or_batch=2 ** (index % 7), isl=256 * (1 + index % 4),
            model=("Llama-3.1-70B", "Qwen3-32B", "DeepSeek-V3")[index % 3],
            gpu=("NVIDIA H100", "NVIDIA B200")[index % 2], tp=8, gpu_count=8,
        )
        for index in range(count)
    ]  # fmt: skip
    measured = understood(rows)
    predicted = own_values(measured.questions, PLANNED)
    return [
        {**record, "value": str(in_unit(question, own) * factor * np.exp(noise * rng.normal()))}
        for record, question, own in zip(rows, measured.questions, predicted, strict=True)
    ]


def write_rows(path, rows, *, encoding="utf-8", columns=tuple(GOOD)):
    """A measurement table of these rows."""
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, fieldnames=columns)
        writer.writeheader()
        writer.writerows(rows)
    return path
