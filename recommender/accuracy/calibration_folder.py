"""The calibration that a command uses: the shipped one, or that of a folder."""

from pathlib import Path

from catalog.calibration import FOLDER, Calibration, load_calibration
from catalog.calibration_version import rests_on_shipped
from recommender.errors import SpecError

OTHER_CONSTANTS = (
    "rests on other constants than this version ships: of another version, a refit, or without one"
    " of its tables; own runs are calibrated anew after an update"
)


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


def age_of(calibration: Calibration, folder: Path | None) -> str:
    """What to say of a folder that another version wrote, or a refit; blank of the shipped one."""
    if folder is None or rests_on_shipped(calibration):
        return ""
    return f"{folder} {OTHER_CONSTANTS}"
