r"""A warning where many replicas are sized as if every burst came to all of them at once.

Each replica is sized, and replayed, for arrivals as bursty as those of the whole service. That is
what happens where bursts last longer than requests stay: all replicas meet them together. Where a
burst is some requests at one moment, random routing spreads it (Cox 1962):

    cv_r^2 = 1 + p*(c^2 - 1)        p: largest share of the requests that one replica gets

so that a plan made with a burstiness B meets arrivals of c with R equal replicas where

    R >= (c^2 - 1)/(B^2 - 1)

Symbol   Meaning                                                    Unit
c, cv_r  coefficients of variation of gaps: of all, of a replica    -
"""

from collections.abc import Iterator
from math import ceil

from recommender.assembly.assemble import Assembled
from recommender.request.request import Request

BURSTY = 1.5
"""Up to here a plan costs little more than one of Poisson arrivals."""
LARGEST_SHARE = 0.25
"""With fewer than four replicas a burst is hardly spread."""
WIDE, MILD = 2.0, 1.2
"""Burstiness of the example, the first where that is well below what was asked for."""


def burst_warnings(request: Request, parts: Assembled) -> Iterator[str]:
    """One sentence for the plan; none of pools, whose senders mix streams already."""
    c = request.workload.burstiness
    if c <= BURSTY or any(d.pool for d in parts.deployments):
        return
    share = max(d.share / d.dp for d in parts.deployments)
    if share >= LARGEST_SHARE:
        return
    seen = (1.0 + share * (c**2 - 1.0)) ** 0.5
    example, enough = spread_enough(c)
    replicas = sum(d.dp for d in parts.deployments)
    yield (
        f"each of the {replicas:,} replicas is sized for bursts of cv {c:.3g} of its own, as if "
        "all met every burst at once; of bursts that last no longer than a request, spread at "
        f"random, one sees cv {seen:.3g}: then --burstiness {example:g} is about what plans of "
        f"{enough:,} equal replicas and more meet, and may cost far less"
    )


def spread_enough(burstiness: float) -> tuple[float, int]:
    """(a smaller burstiness B, equal replicas from which on one sees no more than about B)."""
    example = WIDE if burstiness > 1.25 * WIDE else MILD
    return example, ceil((burstiness**2 - 1.0) / (example**2 - 1.0) - 1e-9)


def bursts_stop(burstiness: float) -> Iterator[str]:
    """A sentence where no replica holds any rate under bursts of its own."""
    if burstiness > BURSTY:
        example, enough = spread_enough(burstiness)
        yield (
            f"bursts: every replica is to take cv {burstiness:.3g} by itself; where bursts last no "
            f"longer than a request and are spread at random, --burstiness {example:g} is about "
            f"what plans of {enough:,} equal replicas and more meet"
        )
