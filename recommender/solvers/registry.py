"""The solvers by name, found without importing them.

Foreign code runs in a process of its own (`isolated`): where a solver crashes, hangs or runs out of
memory, that is its outcome. `exact_cover` is ours and stays in this process.
"""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from recommender.errors import SolverError, SpecError
from recommender.program.program import Program
from recommender.solvers.outcome import Outcome


class Solver(Protocol):
    """Program -> Outcome, within a time limit [s]."""

    def __call__(self, program: Program, *, time_limit_s: float) -> Outcome: ...


_MODULES = {
    "exact_cover": ("recommender.solvers.exact_cover", None),
    "scip": ("recommender.solvers.mathopt_scip", "ortools"),
    "highs": ("recommender.solvers.mathopt_highs", "ortools"),
    "cpsat": ("recommender.solvers.cpsat", "ortools"),
}
_LOADED_FIRST = {
    "scip": "ortools.math_opt.python.mathopt",
    "highs": "ortools.math_opt.python.mathopt",
    "cpsat": "ortools.sat.python.cp_model",
}
"""What a solver imports when it is first used: half a second that is not its own time."""
PULP_PREFIX = "pulp:"
_KNOWN = ", ".join([*_MODULES, "pulp:NAME[:PATH]"])


def available() -> tuple[str, ...]:
    """Names of the solvers whose packages are installed; nothing is imported."""
    return tuple(name for name, (_, package) in _MODULES.items() if _installed(package))


def check_name(name: str) -> None:
    """Refuse a name that `get` would not know, before any work is done; raises SpecError."""
    if name.startswith(PULP_PREFIX):
        if _installed("pulp"):
            import_module("recommender.solvers.pulp_door").check_name(_pulp_name(name)[0])
    elif name not in _MODULES:
        # Not did_you_mean of the catalogue, of which solvers know nothing.
        close = get_close_matches(name.casefold(), _MODULES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {_KNOWN}"
        raise SpecError(f"unknown solver {name!r}; {hint}")


def get(name: str) -> Solver:
    """The solver of that name; `pulp:GUROBI`, `pulp:COIN_CMD:/usr/bin/cbc` go through PuLP.

    Raises
    ------
    SolverError
        For an unknown name or a package that is not installed.
    """
    package = _package(name)
    if not _installed(package):
        needed = "pip install 'pulp<4'" if package == "pulp" else f"the package {package}"
        raise SolverError(f"solver {name} needs {needed}, which is not installed")
    if package is None:
        return load(name)
    from recommender.solvers.isolated.door import solve

    return partial(solve, solver=name)


def load(name: str) -> Solver:
    """The solver of that name, loaded into this process."""
    if name.startswith(PULP_PREFIX):
        door: Callable[..., Outcome] = import_module("recommender.solvers.pulp_door").solve
        solver_name, path = _pulp_name(name)
        return partial(door, solver=solver_name, **({"path": path} if path else {}))
    module, _ = _MODULES[name]
    if name in _LOADED_FIRST:
        import_module(_LOADED_FIRST[name])
    solver: Solver = import_module(module).solve
    return solver


def _pulp_name(name: str) -> tuple[str, str]:
    """`COIN_CMD` and `/usr/bin/cbc` of `pulp:COIN_CMD:/usr/bin/cbc`."""
    solver_name, _, path = name.removeprefix(PULP_PREFIX).partition(":")
    return solver_name, path


def _package(name: str) -> str | None:
    if name.startswith(PULP_PREFIX):
        return "pulp"
    if name not in _MODULES:
        raise SolverError(f"unknown solver {name!r}; known: {_KNOWN}")
    return _MODULES[name][1]


@cache
def _installed(package: str | None) -> bool:
    return package is None or find_spec(package) is not None
