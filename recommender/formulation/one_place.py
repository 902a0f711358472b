"""Zones that sell the same, seen as one place: a front need not tell their copies apart.

    N[p]     groups of kind p in all zones of a family together; cost, power, demand, spare, stock
             and limits on totals only look at these
    family   Z sum_(p not in F) rate[p] N[p] + (Z - 1) sum_(p in F) rate[p] N[p]  >=  Z D
             what follows for F of Z zones when any one of them may be lost: the sum of its rows

Whether some division of N over the zones meets every row is a bin packing (front_search.zones).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from recommender.formulation.alike import alike_zones, but_place
from recommender.formulation.classes import class_of, classes
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.sized_group import SizedGroup
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.column import Column
from recommender.program.constraints.variety import variety
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.front_search.alike_zones import AlikeZones, divided


class OnePlace(NamedTuple):
    """A question with one column for all copies of a group.

    Attributes
    ----------
    question
        Over one copy of each group, without rows on zones.
    copies
        Column -> its copies, zone by zone.
    family
        Column -> number of its family.
    zones
        Zones of each family.
    demand, least_used
        What the loss of a zone must leave (0 where none may be lost); zones to be used.
    """

    question: SingleService
    copies: Mapping[str, tuple[str, ...]]
    family: Mapping[str, int]
    zones: tuple[int, ...]
    demand: int
    least_used: int

    def program(self, objective: Objective, theta: int | None) -> Program:
        """The program for one theta, with the rows that families imply."""
        plain = program(self.question, objective=objective, theta=theta)
        rows = [*self._rows()]
        columns = [self._with_room(column, rows, theta) for column in plain.columns]
        linked = {row.name: row for row in self._links(columns)}
        return Program(tuple(columns), (*(linked.get(r.name, r) for r in plain.rows), *rows))

    def _links(self, columns: Sequence[Column]) -> Iterator[Row]:
        """Rows on types that hold for so many groups of a kind."""
        most = self.question.max_types
        if most is not None:
            upper = {column.name: column.upper for column in columns}
            types = classes(self.question.columns, "accelerator")
            yield from variety(types=types, upper=upper, limit=most)

    def _rows(self) -> Iterator[Row]:
        groups = self.question.columns
        if self.demand:
            for f, zones in enumerate(self.zones):
                left = {g.name: (zones - (self.family[g.name] == f)) * g.rate for g in groups}
                yield Row(f"loss[family {f}]", left, ">=", zones * self.demand)
        if self.least_used > 1:
            yield Row("spread[zone]", {g.name: 1 for g in groups}, ">=", self.least_used)

    def _with_room(self, column: Column, rows: Sequence[Row], theta: int | None) -> Column:
        """More of a group than covers all rows alone, and fits the zones, is waste."""
        group = next((g for g in self.question.columns if g.name == column.name), None)
        if group is None or (theta is not None and group.rate > theta):
            return column  # a switch of a type, or one that may be lost
        needs = [
            -(-row.rhs // row.coefficients[column.name])
            for row in rows
            if row.coefficients.get(column.name)
        ]
        room = self.zones[self.family[column.name]] + self.least_used
        upper = max([column.upper, *needs]) + room
        stock = group.group.stock
        return replace(
            column, upper=upper if stock is None else min(upper, stock // group.group.nodes)
        )

    def of(self, names: Sequence[str]) -> AlikeZones:
        """As the search sees these columns."""
        rate = {g.name: g.rate for g in self.question.columns}
        return AlikeZones(
            family=tuple(self.family[name] for name in names),
            rate=tuple(rate[name] for name in names),
            zones=self.zones,
            demand=self.demand,
            least_used=self.least_used,
        )

    def apart(self, counts: Mapping[str, int]) -> dict[str, int]:
        """A plan of columns as one of copies, that meets all rows on zones."""
        names = [g.name for g in self.question.columns]
        parts = divided(self.of(names), [counts.get(name, 0) for name in names])
        if parts is None:
            raise AssertionError("the search returned a plan that fits no zones")
        return {
            copy: n
            for name, part in zip(names, parts, strict=True)
            for copy, n in zip(self.copies[name], part, strict=False)
            if n
        }


def in_one_place(question: SingleService) -> OnePlace | None:
    """The question without copies; None where no row names zones, or none sell the same."""
    families = [*alike_zones(question)]
    lost = question.survive == ("zone",)
    if not any(len(family) > 1 for family in families):
        return None
    if (question.survive and not lost) or "zone" in question.max_share:
        return None
    at: dict[str, dict[str, list[SizedGroup]]] = {}
    for g in question.columns:
        at.setdefault(class_of(g.group, "zone"), {}).setdefault(
            repr(but_place(g.group)), []
        ).append(g)
    copies: dict[str, tuple[str, ...]] = {}
    number: dict[str, int] = {}
    for f, family in enumerate(families):
        for kind, first in at[family[0]].items():
            for which, g in enumerate(first):
                copies[g.name] = tuple(at[zone][kind][which].name for zone in family)
                number[g.name] = f
    spread = dict(question.min_spread)
    least = spread.pop("zone", 1)
    return OnePlace(
        question=replace(
            question,
            groups=tuple(g.group for g in question.columns if g.name in copies),
            survive=(),
            min_spread=spread,
            prune=False,
        ),
        copies=copies,
        family=number,
        zones=tuple(len(family) for family in families),
        demand=RATE_UNITS_PER_DEMAND if lost else 0,
        least_used=least,
    )
