"""A row of a foreign list that is not used."""

from typing import NamedTuple


class Rejected(NamedTuple):
    """Row number of the source and the reason."""

    row: int
    reason: str


class Rejection(Exception):
    """Raised while a row is read, with the reason."""
