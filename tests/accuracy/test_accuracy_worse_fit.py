"""`calibrate` marks constants that are worse on the very rows they were corrected to."""

from typing import Any

import pytest

from recommender.accuracy.fit.calibrate import _corrected
from recommender.accuracy.fit.own_runs import Correction


@pytest.mark.parametrize(
    ("before", "after", "is_worse"), [(6.3, 7.5, True), (7.5, 6.3, False), (6.31, 6.34, False)]
)
def test_constants_that_are_worse_on_their_rows_are_marked(
    before: float, after: float, is_worse: bool
) -> None:
    errors: dict[str, Any] = {"median_error_before_pct": before, "median_error_after_pct": after}
    done = Correction(("vllm", "dense"), "", 20, 9, factor=1.02, left=1.0, **errors)
    line = _corrected(done)
    assert f"was off by {before:.1f} % in the median, and is by {after:.1f} %" in line
    assert ("WORSE than as shipped" in line and "know them already" in line) is is_worse
