"""Worked instances: the files `worked/*.yaml` of a problem, and the groups that they sell."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import yaml

from recommender.formulation.failure_group import FailureGroup


def worked_files(package: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, content) of every instance of a problem, by name."""
    folder = files(package) / "worked"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            yield path.name.removesuffix(".yaml"), content


def groups_of(raw: dict[str, dict[str, Any]]) -> tuple[FailureGroup, ...]:
    """Groups by name; what an instance leaves out makes no difference to its optimum."""
    return tuple(_group(kind, row) for kind, row in raw.items())


def _group(kind: str, row: dict[str, Any]) -> FailureGroup:
    defaults: dict[str, Any] = {
        "name": kind,
        "offer": kind,
        "provider": "provider",
        "region": "region",
        "accelerator": kind,
        "nodes": 1,
        "accelerators": 8,
        "replicas": {kind: 1},
        "nameplate_w": 10_000.0,
    }
    return FailureGroup(**{**defaults, **row})
