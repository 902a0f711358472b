"""A rejection: a deployment that is left out, and why. (Candidates are rows of replica_table.)"""

from collections import Counter
from dataclasses import dataclass, field

from recommender.hardware import Hardware
from recommender.layout import Layout

LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Rejection:
    """A deployment that is not a candidate, with the reason and its number."""

    accelerator: str
    layout: Layout
    reason: str
    """Short class of the reason, counted in the funnel: `memory`, `heads`, `precision`, ..."""
    detail: str
    """The sentence with its number: `weights 117.9 GiB > 72.0 GiB usable`."""


@dataclass(slots=True)
class Rejections:
    """Counts per reason, one example each, and all of them when asked for."""

    keep_all: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    rows: list[Rejection] = field(default_factory=list)

    def add(self, hardware: Hardware, layout: Layout, reason: str, detail: str) -> None:
        """Count one rejection; the first of a reason stays as its example."""
        self.counts[reason] += 1
        name = hardware.name
        self.examples.setdefault(reason, f"{name}: {detail}"[:LONGEST_DETAIL])
        if self.keep_all:
            self.rows.append(Rejection(name, layout, reason, detail))
