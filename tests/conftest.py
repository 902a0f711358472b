"""Shared by all areas: the shipped catalogue, read once."""

import pytest

import catalog


@pytest.fixture(scope="session")
def facts():
    """The shipped catalogue."""
    return catalog.load()
