"""Whether an accelerator of today is the one that runs were made on, by the figures that count.

A row of the same name with another bandwidth, peak or link is another accelerator: a hypothetical
one, or one that was corrected since. Figures are alike within rounding, a thousandth.
"""

from catalog.error_rows import FittedAccelerator, OwnError
from catalog.schema import Accelerator

FIGURES = ("memory_bandwidth_gb_per_s", "bf16_tflops", "fp8_tflops", "link_gb_per_s")
ROUNDING = 1e-3


def has_figures_of(row: FittedAccelerator | OwnError, accelerator: Accelerator) -> bool:
    """Whether the figures kept with a row are those of the accelerator."""
    return all(_alike(getattr(row, name), getattr(accelerator, name)) for name in FIGURES)


def _alike(fitted: float | None, today: float | None) -> bool:
    if fitted is None or today is None:
        return fitted is today
    return abs(fitted - today) <= ROUNDING * abs(fitted)
