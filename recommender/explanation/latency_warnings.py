r"""Warnings about percentiles that lie within their own uncertainty of a limit.

    stated + h > limit      h: half-width of the simulated percentile, 95 % one-sided

A rate holds where the upper confidence limit of the run that found it does, and where a run with
other arrivals, which is the one that is stated, comes to no more than the limit. What is said here
is how sure that second run is by itself.
"""

from collections.abc import Iterator

from recommender.assembly.assemble import Assembled
from recommender.request.request import Request
from recommender.wording import duration_text


def latency_warnings(request: Request, parts: Assembled) -> Iterator[str]:
    """One sentence per target of a deployment that a replay may find broken."""
    targets = request.slo.targets
    for d in parts.deployments:
        if d.pool or len(d.targets_half_width_s) != len(targets):
            continue  # pools hold parts of the targets; closed forms have no run
        for target, stated_s, half_s in zip(
            targets, d.targets_s, d.targets_half_width_s, strict=True
        ):
            if target not in request.slo.apart or stated_s + half_s <= target.limit_s:
                continue
            side = "beyond" if stated_s > target.limit_s else "which may be beyond"
            yield (
                f"{d.name}: {target.name} is {duration_text(stated_s)} \N{PLUS-MINUS SIGN} "
                f"{duration_text(half_s)} at the rate it carries, {side} "
                f"{duration_text(target.limit_s)}: more --headroom carries less, and is surer"
            )
