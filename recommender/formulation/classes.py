"""Classes: what groups have in common, and may lose, limit or spread together."""

from collections.abc import Sequence
from typing import Literal

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.sized_group import SizedGroup

ClassName = Literal["zone", "region", "provider", "accelerator"]


def class_of(group: FailureGroup, name: ClassName) -> str:
    """Value of the class; a group without zone is in the zone that its region is."""
    match name:
        case "zone":
            return group.zone if group.zone is not None else group.region
        case "region":
            return group.region
        case "provider":
            return group.provider
        case "accelerator":
            return group.accelerator


def classes(groups: Sequence[SizedGroup], name: ClassName) -> dict[str, str]:
    """Column -> value of the class."""
    return {g.name: class_of(g.group, name) for g in groups}
