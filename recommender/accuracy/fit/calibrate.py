"""What `recommend calibrate` does: correct the shipped constants, or fit all anew."""

import csv
import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from catalog.calibration import load_calibration
from recommender.accuracy.fit.beyond_datasheet import beyond_datasheet
from recommender.accuracy.fit.calibration_writer import new_folder, write_corrected
from recommender.accuracy.fit.measured import refusals, understood
from recommender.accuracy.fit.own_runs import correct
from recommender.accuracy.fit.refit import refit
from recommender.accuracy.fit.run_reports import Bench, report_records
from recommender.errors import SpecError

REPORTS = (".json", ".jsonl")
"""Endings of reports of load generators; other files are measurement tables."""


def correct_to_runs(runs: Sequence[Path], bench: Bench, output: Path) -> Iterator[str]:
    """Write a corrected calibration; yields one line per engine."""
    records = [record for path in runs for record in _records(path, bench)]
    measured, refused = understood(records), refusals(records)
    shipped = load_calibration()
    impossible = beyond_datasheet(measured.questions, measured.values, shipped)
    if impossible.any():
        refused.append(f"{impossible.sum()} rows: faster than the hardware's datasheet allows")
    used = measured.where(~impossible)
    if refused and not used.questions:
        raise SpecError(f"no row can be used; of {len(records)}, {'; '.join(refused)}")
    source = f"own measurements: {', '.join(path.name for path in runs)}"
    calibration, corrections = correct(used, shipped, source=source)
    new_folder(output)
    write_corrected(output, calibration)
    for done in corrections:
        engine, kind = done.cell
        yield (
            f"{engine} ({kind}): {done.rows} rows, times x {done.factor:.3f}; median error"
            f" {done.median_error_before_pct:.1f} % before, {done.median_error_after_pct:.1f} %"
            " after (the same rows)"
        )
    yield from (f"left out: {line}" for line in refused)
    yield f"wrote {output}"


def refit_all(
    runs: Sequence[Path], wheel: Path | None, output: Path, *, report: Callable[[str], None]
) -> None:
    """Fit all constants and their errors, and write them.

    Raises
    ------
    SpecError
        A file is missing or not what it should be.
    """
    for path in (*runs, *([wheel] if wheel else [])):
        if not path.exists():
            raise SpecError(f"{path} does not exist")
    new_folder(output)
    try:
        refit(runs, wheel, output, day=datetime.date.today(), report=report)
    except FileNotFoundError as error:
        raise SpecError(str(error)) from None


def _records(path: Path, bench: Bench) -> Iterable[Mapping[str, str]]:
    if path.suffix.lower() in REPORTS:
        return report_records(path, bench)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SpecError(f"{path}: not UTF-8 text") from None
    except csv.Error as error:
        raise SpecError(f"{path}: {error}") from None
