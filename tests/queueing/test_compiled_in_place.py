"""Functions that only change arrays count no references to them, and may make none."""

import numpy as np
import pytest

from recommender.compiled import compiled_in_place
from recommender.queueing import kernel


def _number(values):
    for place in range(values.size):
        values[place] = place


def _made(count):
    return np.zeros(count)


def test_arrays_are_changed_where_they_are():
    values = np.empty(4)
    compiled_in_place(_number)(values)
    assert values.tolist() == [0, 1, 2, 3]


def test_a_function_that_makes_an_array_is_refused():
    from numba.core.errors import NumbaError

    with pytest.raises(NumbaError, match="array passed into the function"):
        compiled_in_place(_made)(4)


def test_the_simulator_counts_no_references():
    assert kernel.run.targetoptions["_nrt"] is False
