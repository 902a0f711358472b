"""Whether a folder of constants is of this version: it copies what was shipped when it was made."""

from catalog.calibration import Calibration, load_calibration


def rests_on_shipped(calibration: Calibration) -> bool:
    """Whether what own runs do not touch is what this version ships."""
    return calibration.architectures == load_calibration().architectures
