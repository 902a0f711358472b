"""Programs and outcomes as lines of JSON: what goes to a solver's process, and what comes back.

    request   {"solver": NAME, "time_limit_s": S, "columns": [[name, cost, upper], ...],
               "rows": [[name, [column positions], [coefficients], sense, rhs], ...]}
    reply     {"running": true}          the solver is loaded, and its time starts
    reply     {"status": ..., "values": {column: integer}, ...}      the fields of `Outcome`

Integers of any size pass unchanged. Nothing that is read can run code (no pickle).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.outcome import Outcome, Status

RUNNING = json.dumps({"running": True})


@dataclass(frozen=True, slots=True)
class Request:
    """One question: which solver, for how long [s], on which program."""

    solver: str
    time_limit_s: float
    program: Program


def line_of_request(request: Request) -> str:
    """One line; columns are named once and counted in rows."""
    program = request.program
    position = {column.name: i for i, column in enumerate(program.columns)}
    rows = [
        [
            row.name,
            [position[name] for name in row.coefficients],
            [*row.coefficients.values()],
            row.sense,
            row.rhs,
        ]
        for row in program.rows
    ]
    message = {
        "solver": request.solver,
        "time_limit_s": request.time_limit_s,
        "columns": [[column.name, column.cost, column.upper] for column in program.columns],
        "rows": rows,
    }
    return _line(message)


def request_of_line(line: str) -> Request:
    """The request that a line states."""
    message = json.loads(line)
    columns = tuple(Column(name, cost, upper) for name, cost, upper in message["columns"])
    names = [column.name for column in columns]
    rows = tuple(
        Row(name, {names[i]: a for i, a in zip(where, coefficients, strict=True)}, sense, rhs)
        for name, where, coefficients, sense, rhs in message["rows"]
    )
    return Request(message["solver"], message["time_limit_s"], Program(columns, rows))


def line_of_outcome(outcome: Outcome) -> str:
    """One line; every field by its name."""
    message = {
        "status": outcome.status.value,
        "values": dict(outcome.values),
        "objective": outcome.objective,
        "bound": outcome.bound,
        "solver": outcome.solver,
        "seconds": outcome.seconds,
        "proof": list(outcome.proof),
        "message": outcome.message,
    }
    return _line(message)


def _line(message: Mapping[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), default=int)  # integers of numpy


def outcome_of_line(line: str) -> Outcome:
    """The outcome that a line states.

    Raises
    ------
    ValueError, KeyError, TypeError
        When the line is no outcome.
    """
    message: Mapping[str, Any] = json.loads(line)
    return Outcome(
        status=Status(message["status"]),
        values={str(name): int(value) for name, value in message["values"].items()},
        objective=message["objective"],
        bound=message["bound"],
        solver=message["solver"],
        seconds=message["seconds"],
        proof=tuple(message["proof"]),
        message=message["message"],
    )
