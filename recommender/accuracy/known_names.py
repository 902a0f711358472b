"""All rows that measurement names are resolved against: the catalogue's and those kept for it.

`catalog/data/calibration/measured_models.csv` and `measured_accelerators.csv` hold models and
accelerators that published measurements use but that nobody would plan with; most of their
figures are recalled and say so.
"""

import csv
from functools import cache
from typing import Any

import catalog
from catalog.calibration import FOLDER
from catalog.schema import Accelerator, LanguageModel
from recommender.accuracy.model_names import index_models
from recommender.accuracy.resolve import Names


@cache
def known_names() -> Names:
    """Names of the shipped catalogue and of the rows beside it."""
    shipped = catalog.load()
    models = [LanguageModel.model_validate(row) for row in _rows("measured_models.csv")]
    others = [Accelerator.model_validate(row) for row in _rows("measured_accelerators.csv")]
    accelerators = {row.name: row for row in (*shipped.accelerators.values(), *others)}
    return Names(accelerators, index_models([*shipped.models.values(), *models]))


def _rows(file_name: str) -> list[dict[str, Any]]:
    with (FOLDER / file_name).open(newline="", encoding="utf-8") as file:
        records = [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]
    return [{**row, "aliases": tuple(row.get("aliases", "").split(";"))} for row in records]
