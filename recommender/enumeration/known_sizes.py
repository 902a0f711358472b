"""Sizes of one request that serve the next one: more than half of the work of a row of a batch.

Sizes depend neither on the demand nor on what a plan may cost or lose, and of the limits on latency
only on ITL, which chooses chunk budgets. All else of both requests must be the same.
"""

import numpy as np

from recommender.enumeration.enumeration import Enumeration
from recommender.enumeration.of_models import enumerate_models
from recommender.request.request import Request
from recommender.workload import Lengths

NO_MATTER = frozenset(
    {"qps", "p99", "ttft_p99", "tpot_p99", "e2e_p99"}
    | {"budget", "horizon", "power", "headroom", "redundancy", "minimize", "fast", "time_limit"}
)
"""Fields of a spec that sizes do not depend on; any other may change them."""


class KnownSizes:
    """The sizes of the last request, and only those."""

    def __init__(self) -> None:
        self._last: tuple[Request, Enumeration] | None = None

    def of(self, request: Request) -> Enumeration:
        """The request's sizes, computed unless they are those of the last one."""
        if self._last is None or not _alike(self._last[0], request):
            self._last = (request, enumerate_models(request))
        return self._last[1]


def _alike(one: Request, other: Request) -> bool:
    """Whether sizes of one request are those of the other."""
    return (
        one.catalog is other.catalog
        and one.offers == other.offers
        and _same(one.workload.lengths, other.workload.lengths)
        and one.spec.model_dump(exclude=set(NO_MATTER))
        == other.spec.model_dump(exclude=set(NO_MATTER))
    )


def _same(one: Lengths, other: Lengths) -> bool:
    names = ("input_tokens", "output_tokens", "computed_tokens")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)
