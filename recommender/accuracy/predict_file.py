"""Predict a measurement file block by block: the same rows, with predictions beside them.

Added columns: predicted, predicted_low, predicted_high (90 % interval; in the row's unit),
off_by_3x_pct (how often such rows were off by more than three times), basis, regime, assumptions;
or refused with the reason. `value` is copied, never read.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

from catalog.calibration import Calibration
from recommender.accuracy.file_kind import shorten
from recommender.accuracy.names import Names
from recommender.accuracy.prediction import Prediction, predict
from recommender.accuracy.regime import REGIMES
from recommender.accuracy.row_file import Record, open_rows, size_of, unread_columns
from recommender.accuracy.scenario import Refused

ADDED = (
    "predicted", "predicted_low", "predicted_high", "off_by_3x_pct", "basis", "regime",
    "assumptions", "refused",
)  # fmt: skip
BLOCK_ROWS = 4096
BLOCK_CHARACTERS = 16 << 20
"""Rows are a thousandth of that in honest files; endless ones must not fill the memory."""
LONGEST_REASON = 600


def predict_file(
    path: Path,
    output: TextIO,
    calibration: Calibration,
    names: Names | None = None,
    *,
    report: Callable[[str], None],
) -> Counter[str]:
    """Write every row of `path` with its prediction; counts rows by regime or `refused`.

    `names` are those of a catalogue with overlays, else of the shipped one; `report` is told of
    columns that are not read.
    """
    counts: Counter[str] = Counter()
    with open_rows(path) as (header, rows):
        if note := unread_columns(header, besides=ADDED):
            report(note)
        columns = [name for name in header if name not in ADDED]
        writer = csv.DictWriter(output, fieldnames=[*columns, *ADDED], extrasaction="ignore")
        writer.writeheader()
        for record, answer in answers(rows, calibration, names):
            cells = added_cells(answer)
            counts["refused" if cells["refused"] else cells["regime"]] += 1
            writer.writerow({**record, **cells})
    return counts


def answers(
    rows: Iterable[tuple[Record, str]], calibration: Calibration, names: Names | None = None
) -> Iterator[tuple[Record, Prediction | Refused]]:
    """Every row with its prediction or refusal, in blocks."""
    for block in _blocks(rows):
        readable = [record for record, problem in block if not problem]
        predicted = iter(predict(readable, calibration, names))
        for record, problem in block:
            yield record, Refused(problem) if problem else next(predicted)


def _blocks(rows: Iterable[tuple[Record, str]]) -> Iterator[list[tuple[Record, str]]]:
    block: list[tuple[Record, str]] = []
    characters = 0
    for record, problem in rows:
        block.append((record, problem))
        characters += size_of(record)
        if len(block) == BLOCK_ROWS or characters >= BLOCK_CHARACTERS:
            yield block
            block, characters = [], 0
    if block:
        yield block


def added_cells(answer: Prediction | Refused) -> dict[str, str]:
    """The added columns of one row."""
    cells = dict.fromkeys(ADDED, "")
    if isinstance(answer, Refused):
        return {**cells, "refused": shorten(answer.reason, LONGEST_REASON)}
    return {
        **cells,
        "predicted": f"{answer.value:.6g}",
        "predicted_low": f"{answer.low:.6g}",
        "predicted_high": f"{answer.high:.6g}",
        "off_by_3x_pct": "" if answer.far_chance is None else f"{100 * answer.far_chance:.2g}",
        "basis": answer.basis,
        "regime": REGIMES[answer.basis],
        "assumptions": "; ".join(answer.assumptions),
    }
