"""The calibration that a command uses: the shipped one, or that of a folder."""

from pathlib import Path

from catalog.calibration import FOLDER, Calibration, load_calibration
from recommender.errors import SpecError


def chosen_calibration(folder: Path | None) -> Calibration:
    """The calibration tables of a folder.

    Raises
    ------
    SpecError
        A table is missing or holds a row that is not one.
    """
    try:
        return load_calibration(folder or FOLDER)
    except OSError as error:
        raise SpecError(
            f"{folder} holds no calibration: {error.filename}: {error.strerror}"
        ) from None
    except ValueError as error:
        raise SpecError(f"{folder}: {error}") from None
