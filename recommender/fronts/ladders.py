"""The values that the last objective of a front can be limited to (see layers)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.front_boxes import Axis
from recommender.formulation.single_service import SingleService
from recommender.formulation.sized_group import SizedGroup
from recommender.fronts.certified import Certified, Point
from recommender.fronts.layers import layered
from recommender.fronts.session import Session

UNLIMITED = 1 << 50


@dataclass(frozen=True, kw_only=True)
class Whole:
    """An objective of the program: every integer from its least value on."""

    axis: Axis
    lowest: int
    width: int
    groups: Mapping[str, SizedGroup]
    front: Callable[[int | None, float], Certified]
    """(most of the objective, gap that is enough) -> front of the others."""
    highest: int = UNLIMITED
    nested: bool = True

    def value(self, position: int) -> int:
        """The integer itself."""
        return position

    def reached(self, point: Point, position: int) -> int:
        """What the plan has of the objective."""
        counts = point.solution.counts.items()
        return sum(ATTRIBUTES[self.axis](self.groups[p]) * n for p, n in counts)

    def layer(self, position: int, enough: float) -> Certified:
        """Front of the others under that limit."""
        return self.front(None if position == self.highest else position, enough)


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Grid of levels, each with a program of its own."""

    values: tuple[int, ...]
    width: int
    nested: bool
    front: Callable[[int, float], Certified]
    """(number of the level, gap that is enough) -> front of the others."""
    lowest: int = 0

    @property
    def highest(self) -> int:
        """The last level."""
        return len(self.values) - 1

    def value(self, position: int) -> int:
        """The level [canonical]."""
        return self.values[position]

    def reached(self, point: Point, position: int) -> int:
        """The level that is asked for."""
        return position

    def layer(self, position: int, enough: float) -> Certified:
        """Front of the others at that level."""
        return self.front(position, enough)


def front_over(
    question: SingleService,
    axes: tuple[Axis, ...],
    session: Session,
    *,
    key: str = "",
    enough: float = 0.0,
) -> Certified:
    """Front over objectives of the program, any number of them, in the order of `axes`."""
    if len(axes) == 1:
        return session.one(question, axes[0], key)
    if len(axes) == 2:
        return session.two(question, (axes[0], axes[1]), key, enough)
    last, others = axes[-1], axes[:-1]
    least = session.one(question, last, f"{key}|{last}")
    if least.complete and not least.points:
        return least
    lowest = min([*(p.values[0] for p in least.points), *(c[0] for c in least.corners)])

    def front(most: int | None, gap: float) -> Certified:
        if most is None:
            return front_over(question, others, session, key=key, enough=gap)
        ceiling = min(most, question.ceilings.get(last, most))
        limited = replace(question, ceilings={**question.ceilings, last: ceiling})
        return front_over(limited, others, session, key=f"{key}|{last}<={most}", enough=gap)

    ladder = Whole(
        axis=last,
        lowest=lowest,
        width=len(others),
        groups={g.name: g for g in replace(question, prune=False).columns},
        front=front,
    )
    return layered(ladder, enough=enough, is_over=session.is_over, told=session.told)
