"""Quality of a plan's answers: the mean over requests, which are shared by weight."""

from collections.abc import Sequence

from recommender.plan import Deployment


def mean_quality(deployments: Sequence[Deployment]) -> float | None:
    """sum_d share[d] * quality[d] [points of 100]; None where quality is not asked for."""
    rated = [(d.share, d.quality) for d in deployments if d.quality is not None]
    return sum(share * quality for share, quality in rated) if rated else None
