"""numba's compiler as typed decorators; the only place that imports numba, and only when used."""

from collections.abc import Callable
from typing import TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile on first use and keep the result on disk.

    The cache of a function is renewed when its own file changes, not when that of a callee does:
    after a change in heap.py or gaps.py, save kernel.py as well.
    """
    import numba

    return cast(_Function, numba.njit(cache=True, error_model="numpy")(function))


def compiled_in_place(function: _Function) -> _Function:
    """`compiled` for what only changes arrays that it is given, and makes none.

    Numba then counts no references to arrays: that took more than half the time of a simulation.
    The switch is numba's own (an underscore marks it as not yet final); with it, a function that
    does make an array is refused when it is compiled.
    """
    import numba

    return cast(_Function, numba.njit(cache=True, error_model="numpy", _nrt=False)(function))


def inlined(function: _Function) -> _Function:
    """Compile into its callers: a call with five arrays costs as much as a step."""
    import numba

    return cast(_Function, numba.njit(inline="always", error_model="numpy")(function))
