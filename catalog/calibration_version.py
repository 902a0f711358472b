"""Whether a folder of constants is of this version: it copies what was shipped when it was made."""

from catalog.calibration import Calibration, load_calibration

UNTOUCHED = (
    "architectures", "collectives", "errors", "first_token", "spread", "configurations",
    "accelerators",
)  # fmt: skip


def rests_on_shipped(calibration: Calibration) -> bool:
    """Whether what own runs do not touch is what this version ships, and nothing is missing."""
    shipped = load_calibration()
    untouched = all(getattr(calibration, name) == getattr(shipped, name) for name in UNTOUCHED)
    return untouched and bool(calibration.deviations) == bool(shipped.deviations)
