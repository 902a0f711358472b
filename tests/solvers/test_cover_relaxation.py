"""Row prices of the linear relaxation: by hand, and where floats leave no basis."""

import numpy as np
import pytest

from recommender.solvers.cover import relaxation
from recommender.solvers.cover.relaxation import prices

COVER = (np.array([3.0]), np.array([[-2.0]]), np.array([-10.0]), np.array([8.0]))
"""min 3 x, 2 x >= 10: a unit of the row costs 3 / 2."""


def test_the_price_of_a_cover_by_hand():
    found = prices(*COVER)
    assert found.feasible and found.rows == pytest.approx([1.5])


def test_a_row_that_cannot_be_met_has_a_ray():
    """2 x >= 20 with x <= 8: the row times 1 asks for 20, and 16 is most."""
    found = prices(*COVER[:2], np.array([-20.0]), COVER[3])
    assert not found.feasible and found.rows[0] > 0.0


@pytest.mark.parametrize("drifted", [np.nan, np.inf])
def test_drift_leaves_prices_that_may_steer(monkeypatch, drifted):
    """The exact inverse is asked for before the first pivot here: none, or no numbers in it."""

    def singular(matrix):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr(relaxation, "REFRESH", 1)
    monkeypatch.setattr(np.linalg, "inv", singular)
    assert prices(*COVER).rows.tolist() == [0.0]
    assert relaxation._usable(np.array([1.0, -1.0, drifted])).tolist() == [1.0, 0.0, 0.0]
