"""A calibration as a folder of tables that every command accepts, whole or not there at all.

It is written beside its place under a hidden name, so that who kills the command finds no folder
of which half is shipped, and of two that write to one place the second is refused.
"""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.calibration import FOLDER, Calibration, CalibrationRow
from recommender.accuracy.fit.tables import write_rows
from recommender.errors import SpecError
from recommender.write import check_folder_name


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder with the shipped tables, to write others into; it takes its place at the end, and is
    gone again if that fails.

    Raises
    ------
    SpecError
        It exists and is not empty, is named like a file, or cannot be made.
    """
    there = folder.is_dir()
    if folder.exists() and (not there or any(folder.iterdir())):
        raise SpecError(_taken(folder))
    check_folder_name(folder)
    beside = folder.resolve() if there else folder.parent
    hidden = beside / f".{folder.name[:200]}.{secrets.token_hex(4)}.part"
    try:
        _copied(hidden, folder)
        yield hidden
        _put_in_place(hidden, folder, there=there)
    finally:  # also after Ctrl-C
        shutil.rmtree(hidden, ignore_errors=True)


def _taken(folder: Path) -> str:
    return f"-o {folder} exists and is not an empty folder; nothing is overwritten"


def _copied(hidden: Path, folder: Path) -> None:
    try:
        hidden.mkdir(parents=True)
        for table in FOLDER.iterdir():
            shutil.copyfile(table, hidden / table.name)
    except OSError as error:
        raise SpecError(f"cannot write {folder}: {error.strerror}") from None


def _put_in_place(hidden: Path, folder: Path, *, there: bool) -> None:
    """One rename; of each file where the folder is there, which may be the one that one is in."""
    try:
        if not there:
            hidden.rename(folder)
            return
        if any(other != hidden for other in hidden.parent.iterdir()):
            raise SpecError(_taken(folder))
        for table in sorted(hidden.iterdir()):
            table.rename(hidden.parent / table.name)
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
