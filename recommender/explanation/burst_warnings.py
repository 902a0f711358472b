r"""A warning where a plan rests on bursts that random routing spreads over many replicas.

Replicas are sized, and replayed, for the bursts that reach them when each request goes to one of
them at random (`recommender.stream`). Where a burst goes on for longer than requests stay, all
replicas have more to do at once: that is a higher rate, for which there is headroom. Where requests
of one user or session go to one replica, so do their bursts.
"""

from collections.abc import Iterator

import numpy as np

from recommender.assembly.assemble import Assembled
from recommender.request.request import Request

BURSTY = 1.5
"""Up to here a plan costs little more than one of Poisson arrivals."""
SPREAD = 0.9
"""A replica that meets more of the burstiness than this hardly rests on routing."""


def burst_warnings(request: Request, parts: Assembled) -> Iterator[str]:
    """One sentence for the plan."""
    stream = request.workload.stream
    if stream.burstiness <= BURSTY:
        return
    rates = np.array([d.requests_per_s / d.dp for d in parts.deployments])
    met = float(stream.burstiness_at(rates).max())
    if met < SPREAD * stream.burstiness:
        yield (
            f"bursts of cv {stream.burstiness:.3g} leave cv {met:.3g} at the replica with most "
            "requests, as each goes to one at random; bursts that outlast requests, or routing by "
            "user, bring replicas more: replay your own trace (recommend verify PLAN --trace), or "
            "leave more --headroom"
        )
