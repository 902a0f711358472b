"""Checks of an installation: each says what it found, and whether that is as it must be."""

import platform
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from recommender.doctor.check import Check, guarded

PACKAGES = ("click", "numba", "numpy", "ortools", "pandas", "pulp", "pydantic", "pyyaml", "rich")
LEAST_PYTHON = (3, 11)


def checks(overlays: Sequence[Path]) -> Iterator[Check]:
    """All checks, one after another, so that each can be shown when it is done."""
    yield _python()
    yield from map(_package, PACKAGES)
    from recommender.doctor import solvers

    yield from solvers.checks()
    yield guarded("simulator", _simulator)
    yield guarded("catalogue", lambda: _catalogue(overlays))


def _python() -> Check:
    good = sys.version_info >= LEAST_PYTHON
    wanted = "" if good else f"; needs {'.'.join(map(str, LEAST_PYTHON))} or later"
    system = f"{platform.system()} {platform.machine()}"
    return Check("python", good, f"{platform.python_version()} on {system}{wanted}")


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, f"not installed: pip install {name}")


def _simulator() -> str:
    """Compiles, or loads from numba's cache, and says where that is."""
    from time import perf_counter

    start = perf_counter()
    from recommender.queueing import kernel, simulator

    simulator.warm_up()
    seconds = perf_counter() - start
    stats = kernel.run.stats  # type: ignore[attr-defined]  # numba's dispatcher, typed by us
    reused = sum(stats.cache_hits.values()) > 0
    how = "loaded from numba's cache" if reused else "compiled, now in numba's cache"
    return f"{how} in {seconds:.1f} s ({stats.cache_path or 'no cache folder is writable'})"


def _catalogue(overlays: Sequence[Path]) -> str:
    import catalog

    facts = catalog.load(overlays)
    return (
        f"as of {facts.as_of}, sha256 {facts.sha256[:12]}: {len(facts.accelerators)} accelerators, "
        f"{len(facts.offers)} offers, {len(facts.models)} models"
    )
