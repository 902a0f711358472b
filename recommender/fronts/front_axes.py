"""The axes a front may have: what they are called, and what one canonical unit of each is.

Axis          Canonical unit    Shown as     What it is of a plan
cost          1e-4 USD/h        USD/h        price of all nodes
power         W                 W            nameplate power
energy        W                 W            planned power, a bound (see group_attributes)
carbon        g CO2e/h          g/h          planned power x PUE x grid intensity
accelerators  count             count
nodes         count             count
p99           ns                s            level that the first target of the SLO is promised at
quality       1e-4 %            %            what its worst deployment is short of the best model
"""

from dataclasses import dataclass
from typing import cast

from recommender.errors import SpecError
from recommender.formulation.front_boxes import Axis
from recommender.program.canonical import PRICE_UNITS_PER_USD

NS_PER_S = 1_000_000_000
UNITS = {
    "cost": PRICE_UNITS_PER_USD,
    "power": 1,
    "energy": 1,
    "carbon": 1,
    "accelerators": 1,
    "nodes": 1,
    "p99": NS_PER_S,
    "quality": 10_000,
}
"""Axis -> canonical units per unit that is shown."""
LEVELLED = ("quality", "p99")
"""Axes that are no sums over groups: each of their levels has a program of its own."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes of a front as they were asked for."""

    names: tuple[str, ...]

    @property
    def sums(self) -> tuple[Axis, ...]:
        """Objectives of the program, in the order in which they are asked for."""
        return tuple(cast(Axis, name) for name in self.names if name not in LEVELLED)

    @property
    def levelled(self) -> tuple[str, ...]:
        """Axes with levels, the innermost first."""
        return tuple(name for name in LEVELLED if name in self.names)

    @property
    def order(self) -> tuple[int, ...]:
        """Where each asked axis is among sums and then levels."""
        inside = (*self.sums, *self.levelled)
        return tuple(inside.index(name) for name in self.names)

    def shown(self, values: tuple[int, ...]) -> tuple[float, ...]:
        """Canonical values of a point in the units that are shown."""
        return tuple(v / UNITS[name] for name, v in zip(self.names, values, strict=True))


def axes_of(text: str) -> Axes:
    """Two or more different axes, as in `cost,power`."""
    names = tuple(part.strip().lower() for part in text.split(","))
    known = all(name in UNITS for name in names)
    if len(names) < 2 or len({*names}) < len(names) or not known:
        raise SpecError(
            f"--mixed {text!r} must be two or more of {', '.join(UNITS)}, as in cost,power"
        )
    return Axes(names)
