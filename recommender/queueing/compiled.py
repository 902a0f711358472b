"""numba's compiler as a typed decorator; this is the only place that imports numba."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """Compile on first use and keep the result on disk.

    The cache of a function is renewed when its own file changes, not when that of a callee does:
    after a change in heap.py or gaps.py, save kernel.py as well.
    """
    return cast(_Function, numba.njit(cache=True, error_model="numpy")(function))


def inlined(function: _Function) -> _Function:
    """Compile into its callers: a call with five arrays costs as much as a step."""
    return cast(_Function, numba.njit(inline="always", error_model="numpy")(function))
