"""Values that no service has: refused before anything is computed, with the range that is taken.

The largest limits are beyond what the world has of anything, and small enough for the exact
integers of every solver (`recommender/program/canonical.py`: 1e-4 USD, W, g, all below 2^53).
A limit beyond them could be read as none; but who writes it meant another figure.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from catalog.offer import MOST_USD_PER_H
from recommender.horizon import span_text, span_words
from recommender.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    from recommender.request.spec import Spec

MOST_W = 1e13
"""10 TW: three times the world's mean electricity."""
MOST_G_PER_H = 1e13
"""88 Gt a year: twice what the world emits."""
MOST_HORIZON_H = 100 * HOURS_PER_YEAR
MOST_HARDWARE = 10**9
LEAST_SHARE = 1e-4
"""Smaller shares are multiplied up to coefficients that no solver holds."""


def out_of_range(spec: "Spec") -> Iterator[str]:
    """One sentence per value that is too small or too large."""
    if not 0.5 <= spec.confidence <= 0.995:
        yield f"--confidence {100 * spec.confidence:g}% must lie between 50% and 99.5%"
    if not 0.001 <= spec.qps <= 1e7:
        yield f"--qps {spec.qps:g} must lie between 0.001 and 10,000,000"
    for flag, tokens in (("--isl", spec.isl), ("--osl", spec.osl)):
        if tokens is not None and not 1 <= tokens <= 2e6:
            yield f"{flag} {tokens:,.10g} must lie between 1 and 2,000,000 tokens"
    if spec.horizon is not None and spec.horizon > MOST_HORIZON_H:
        yield f"--horizon {span_text(spec.horizon)} must be at most {span_words(MOST_HORIZON_H)}"
    yield from _too_large(spec)
    for flag, share in (
        ("--max-provider-share", spec.max_provider_share),
        ("--min-utilisation", spec.min_utilisation),
    ):
        if share is not None and share < LEAST_SHARE:
            yield f"{flag} {100 * share:g}% must be at least {LEAST_SHARE:.2%}"


def _too_large(spec: "Spec") -> Iterator[str]:
    """Limits that no plan could come near."""
    for flag, limit, most, unit in (
        ("--budget", spec.budget, MOST_USD_PER_H, "dollars per hour"),
        ("--power", spec.power, MOST_W, "W"),
        ("--carbon", spec.carbon, MOST_G_PER_H, "g CO2e per hour"),
        ("--max-accelerators", spec.max_accelerators, MOST_HARDWARE, "accelerators"),
        ("--max-nodes", spec.max_nodes, MOST_HARDWARE, "nodes"),
    ):
        if limit is not None and limit > most:
            yield (
                f"{flag} {limit:g} {unit} is more than any plan needs; leave it out, or write at "
                f"most {most:g}"
            )
