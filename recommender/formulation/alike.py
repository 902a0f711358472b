"""Zones that sell the same: a program need only look at one order of them (see `order`).

Zones are alike when their groups are equal in everything but name and zone. Rows treat such zones
alike too, unless one asks for something of a named zone.
"""

from collections.abc import Iterator
from dataclasses import fields, replace

from recommender.formulation.classes import class_of, classes
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.limits import rates
from recommender.formulation.single_service import SingleService
from recommender.program.constraints.order import order
from recommender.program.program import Program


def in_order(question: SingleService, program: Program) -> Program:
    """The program with alike zones in order; the loss rows that then follow are left out."""
    families = [family for family in alike_zones(question) if len(family) > 1]
    if not families:
        return program
    rate, zones = rates(question.columns), classes(question.columns, "zone")
    service = question.service
    follow = {f"loss[{service},zone={zone}]" for family in families for zone in family[1:]}
    rows = [row for row in program.rows if row.name not in follow]
    for family in families:
        rows += order(service, "zone", rate=rate, values=zones, alike=family)
    return replace(program, rows=tuple(rows))


def alike_zones(question: SingleService) -> Iterator[list[str]]:
    """Zones by what they sell; only where a row names zones, and all rows name them alike."""
    named = {*question.survive, *question.max_share, *question.min_spread}
    if "zone" not in named or any(name == "zone" for name, _ in question.need_one_of):
        return
    sold: dict[str, list[tuple[str, ...]]] = {}
    for column in question.columns:
        sold.setdefault(class_of(column.group, "zone"), []).append(but_place(column.group))
    families: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for zone in sorted(sold):
        families.setdefault(tuple(sorted(sold[zone])), []).append(zone)
    yield from families.values()


def but_place(group: FailureGroup) -> tuple[str, ...]:
    """All that a group is, but for its name and zone."""
    return tuple(
        repr(sorted(group.replicas.items()) if f.name == "replicas" else getattr(group, f.name))
        for f in fields(group)
        if f.name not in ("name", "zone")
    )
