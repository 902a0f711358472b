"""Mean lengths of published data sets, where a row names the set but not its lengths.

Recalled or assumed figures (`catalog/data/calibration/datasets.csv`), so a prediction that uses
one lists it among its assumptions.
"""

import csv
from dataclasses import dataclass
from functools import cache

from catalog.calibration import FOLDER
from recommender.accuracy.measurement import Measurement


@dataclass(frozen=True, slots=True)
class DatasetLengths:
    """Mean lengths [tokens]; None is unknown."""

    dataset: str
    marker: str
    """Word of the notes or the model's plain name that gives the set away."""
    input_tokens: float
    output_tokens: float | None
    output_variation: float
    """Standard deviation over mean of the answers; 0 where it is not known."""
    verification: str


@cache
def datasets() -> tuple[DatasetLengths, ...]:
    """All known data sets."""
    with (FOLDER / "datasets.csv").open(newline="", encoding="utf-8") as file:
        return tuple(
            DatasetLengths(
                dataset=row["dataset"],
                marker=row["marker"],
                input_tokens=float(row["mean_input_tokens"]),
                output_tokens=float(row["mean_output_tokens"] or 0) or None,
                output_variation=float(row["output_variation"] or 0),
                verification=row["verification"],
            )
            for row in csv.DictReader(file)
        )


def dataset_of(row: Measurement) -> DatasetLengths | None:
    """The data set that a row's notes or benchmark name give away."""
    text = f"{row.notes} {row.metric}".casefold()
    return next((item for item in datasets() if item.marker in text), None)
