"""Read JSON values into frozen dataclasses, driven by their type hints.

The hints that plans use are understood and no others: str, int, float, bool, Any, Literal,
`X | None`, `tuple[X, ...]`, `Mapping[str, X]` and dataclasses. Every complaint is a SpecError that
names the place (`plan.deployments[0].tp`), the value and what would be right.
"""

import dataclasses
import difflib
import math
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from recommender.errors import SpecError

_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def decode(hint: Any, value: Any, place: str) -> Any:
    """`value`, parsed from JSON, as an object of type `hint`."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, value, place)
    if hint is Any:
        return value
    if hint in _NAMES:
        return _scalar(hint, value, place)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is types.UnionType:
        return None if value is None else decode(arguments[0], value, place)
    if origin is tuple:
        items = _expect(list, value, place, "a list")
        return tuple(decode(arguments[0], v, f"{place}[{i}]") for i, v in enumerate(items))
    if origin is Mapping:
        entries = _expect(dict, value, place, "an object")
        return {k: decode(arguments[1], v, f"{place}[{k!r}]") for k, v in entries.items()}
    if origin is Literal:
        if value not in arguments:
            raise SpecError(f"{place} is {brief(value)}; right would be one of {arguments}")
        return value
    raise TypeError(f"{place}: type hint {hint} is not one that plans use")


def brief(value: Any) -> str:
    """A short picture of a JSON value for a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


@cache
def fields_of(cls: type) -> dict[str, tuple[Any, bool]]:
    """Field name -> (type hint, whether it must be given)."""
    hints = get_type_hints(cls)
    missing = dataclasses.MISSING
    return {
        f.name: (hints[f.name], f.default is missing and f.default_factory is missing)
        for f in dataclasses.fields(cls)
    }


def check_keys(given: Mapping[str, Any], required: set[str], known: set[str], place: str) -> None:
    """Refuse unknown keys (with the nearest known one) and missing ones."""
    for key in given:
        if key not in known:
            # Not did_you_mean: a plan is read and rendered without loading the catalogue.
            near = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SpecError(f"{place} has an unknown key {brief(key)}{hint}")
    absent = sorted(required - set(given))
    if absent:
        raise SpecError(f"{place} lacks {', '.join(absent)}")


def _dataclass(cls: type, value: Any, place: str) -> Any:
    given = _expect(dict, value, place, "an object")
    fields = fields_of(cls)
    check_keys(given, {n for n, (_, needed) in fields.items() if needed}, set(fields), place)
    return cls(**{k: decode(fields[k][0], v, f"{place}.{k}") for k, v in given.items()})


def _scalar(kind: type, value: Any, place: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) <= 2**1000 else math.inf
    if type(value) is not kind:
        raise SpecError(f"{place} is {brief(value)}; right would be {_NAMES[kind]}")
    if isinstance(value, float) and not math.isfinite(value):
        raise SpecError(f"{place} is not a finite number")
    return value


def _expect(kind: type, value: Any, place: str, name: str) -> Any:
    if not isinstance(value, kind):
        raise SpecError(f"{place} is {brief(value)}; right would be {name}")
    return value
