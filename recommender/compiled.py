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


def inlined(function: _Function) -> _Function:
    """Compile into its callers: a call with five arrays costs as much as a step."""
    import numba

    return cast(_Function, numba.njit(inline="always", error_model="numpy")(function))
