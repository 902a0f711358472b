"""Comparison of a stated number with the re-derived one."""

from math import isclose

from recommender.plan import Finding, Placement

RELATIVE_TOLERANCE = 1e-6
"""Only floating-point noise: stated and re-derived numbers use the same facts."""


def equal(
    promise: str,
    stated: float,
    rederived: float,
    unit: str,
    note: str = "",
    *,
    tolerance: float = RELATIVE_TOLERANCE,
) -> Finding:
    """The stated number must equal the re-derived one, within a relative tolerance.

    What is not known is infinite when it is re-derived: no finite number equals it.
    """
    close = isclose(stated, rederived, rel_tol=tolerance, abs_tol=tolerance * 1e-12)
    return Finding(promise, stated, rederived, unit, close, note)


def at_most(promise: str, value: float, limit: float, unit: str, note: str = "") -> Finding:
    """The re-derived value must not exceed the limit (which is what was promised)."""
    holds = value <= limit * (1 + RELATIVE_TOLERANCE)
    return Finding(promise, limit, value, unit, holds, note)


def at_least(promise: str, value: float, least: float, unit: str, note: str = "") -> Finding:
    """The re-derived value must reach what was promised."""
    holds = value >= least * (1 - RELATIVE_TOLERANCE)
    return Finding(promise, least, value, unit, holds, note)


def group_name(placement: Placement) -> str:
    """`group of 2 x d1, 1 x d2 on OFFER`."""
    inside = ", ".join(f"{count} x {name}" for name, count in placement.replicas.items())
    return f"group of {inside} on {placement.offer}"
