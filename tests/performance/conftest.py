"""Fixtures of the performance tests."""

import pytest

from catalog.calibration import load_calibration


@pytest.fixture(scope="session")
def calibration():
    """The shipped calibration."""
    return load_calibration()
