"""A calibration as a folder of tables that every command accepts."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.calibration import FOLDER, Calibration, CalibrationRow
from recommender.accuracy.fit.tables import write_rows
from recommender.errors import SpecError
from recommender.write import check_folder_name


@contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """A folder with the shipped tables, to write others into; gone again if that fails.

    Raises
    ------
    SpecError
        It exists and is not empty, is named like a file, or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SpecError(f"-o {folder} exists and is not an empty folder; nothing is overwritten")
    check_folder_name(folder)
    try:
        _copied(folder)
        yield
    except BaseException:  # also Ctrl-C: a calibration of which half is shipped misleads
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _copied(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for table in FOLDER.iterdir():
            shutil.copyfile(table, folder / table.name)
    except OSError as error:
        raise SpecError(f"cannot write {folder}: {error.strerror}") from None


def write_corrected(folder: Path, calibration: Calibration) -> None:
    """Write the tables that own runs correct, and own_errors.csv where they say enough."""
    write_rows(folder / "step_constants.csv", [_cells(row) for row in calibration.step_constants])
    write_rows(folder / "deviations.csv", [_cells(row) for row in calibration.deviations])
    if calibration.own_errors:
        write_rows(folder / "own_errors.csv", [_cells(row) for row in calibration.own_errors])


def _cells(row: CalibrationRow) -> dict[str, object]:
    values = row.model_dump(mode="json")
    return {
        name: ";".join(value) if isinstance(value, list) else "" if value is None else value
        for name, value in values.items()
    }
