"""The step law that a plan states, for replays."""

from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment


def law_of(deployment: Deployment) -> StepLaw:
    """The step law that a deployment was sized with."""
    return StepLaw(**dict(deployment.step_law))  # type: ignore[arg-type]
