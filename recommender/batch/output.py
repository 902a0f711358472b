"""The table of a batch: one row per spec, contract columns first."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from recommender.errors import SpecError
from recommender.plan import Totals
from recommender.write import check_folder_name

COLUMNS = tuple(
    dict.fromkeys(
        (
            "name",
            "status",
            "error",
            "cost_usd_per_h",
            *(field.name for field in fields(Totals)),
            "plan",
            "proof",
            "gap",
            "rates",
            "warnings",
        )
    )
)
_FORMULA = ("=", "+", "-", "@", "\t")


def make_folder(folder: Path) -> None:
    """Make the folder of a batch inside an existing one; raises SpecError."""
    if folder.exists() and not folder.is_dir():
        raise SpecError(f"cannot make the folder {folder}: there is a file of that name")
    check_folder_name(folder)
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError:
        raise SpecError(f"the folder {folder.parent} does not exist; create it first") from None
    except OSError as error:
        raise SpecError(f"cannot make the folder {folder}: {error.strerror}") from None


def results_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table as CSV; texts that a spreadsheet would run as a formula are quoted."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _harmless(value) for key, value in row.items()})
    return text.getvalue()


def _harmless(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, str):
        line = value.replace("\r", " ").replace("\n", " ")  # a bare \r would end the row
        return f"'{line}" if line.lstrip(" ").startswith(_FORMULA) else line
    return value
