"""One thing that a check found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """Where, what, and how bad."""

    severity: Literal["error", "warning"]
    table: str
    key: str
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.table} {self.key}, {self.column}: {self.message}"


def error(table: str, key: str, column: str, message: str) -> Finding:
    """A row that must not be shipped."""
    return Finding("error", table, key, column, message)


def warning(table: str, key: str, column: str, message: str) -> Finding:
    """A row to look at."""
    return Finding("warning", table, key, column, message)
