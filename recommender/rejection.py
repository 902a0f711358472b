"""A rejection: a deployment that is left out, and why. (Candidates are rows of replica_table.)"""

from dataclasses import dataclass

from recommender.layout import Layout


@dataclass(frozen=True, slots=True)
class Rejection:
    """A deployment that is not a candidate, with the reason and its number."""

    accelerator: str
    layout: Layout
    reason: str
    """Short class of the reason, counted in the funnel: `memory`, `heads`, `precision`, ..."""
    detail: str
    """The sentence with its number: `weights 117.9 GiB > 72.0 GiB usable`."""
