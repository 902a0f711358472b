"""Quality of a plan's answers: the mean over requests, which are shared by weight."""

from collections.abc import Sequence

from recommender.plan import Deployment


def mean_quality(deployments: Sequence[Deployment]) -> float | None:
    """sum of share * quality over sum of shares [points of 100]; None where nobody asks."""
    rated = [(d.share, d.quality) for d in deployments if d.quality is not None]
    shares = sum(share for share, _ in rated)
    return round(sum(share * quality for share, quality in rated) / shares, 9) if rated else None
