"""Worked integer programs: read from the YAML files beside this module (see README.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A program with its known optimum.

    Attributes
    ----------
    plan
        A point that reaches the optimum (column -> value).
    how
        How the optimum is known.
    """

    statement: str
    program: Program
    optimum: int
    plan: Mapping[str, int]
    how: str


def names() -> list[str]:
    """The worked programs."""
    return sorted(
        path.name.removesuffix(".yaml")
        for path in files(__package__).iterdir()
        if path.name.endswith(".yaml")
    )


def load(name: str) -> Worked:
    """One worked program."""
    data = yaml.safe_load((files(__package__) / f"{name}.yaml").read_text(encoding="utf-8"))
    columns = tuple(Column(c, cost, most) for c, (cost, most) in data["columns"].items())
    rows = tuple(_row(row_name, dict(row)) for row_name, row in data["rows"].items())
    return Worked(
        statement=data["statement"],
        program=Program(columns, rows),
        optimum=data["optimum"],
        plan=data["plan"],
        how=data["how"],
    )


def _row(name: str, row: dict[str, object]) -> Row:
    sense, rhs = row.pop("sense"), row.pop("rhs")
    if sense not in ("<=", "==", ">=") or not isinstance(rhs, int):
        raise ValueError(f"row {name}: sense {sense!r} and rhs {rhs!r}")
    coefficients = {column: a for column, a in row.items() if isinstance(a, int)}
    return Row(name, coefficients, sense, rhs)
