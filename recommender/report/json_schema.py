"""JSON Schema (draft 2020-12) of a saved plan, derived from the dataclasses that hold it."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from recommender.plan import SCHEMA_VERSION, Plan
from recommender.report.decode import fields_of
from recommender.report.json_plan import NESTED, STATUSES

_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {},
}


def plan_schema() -> dict[str, Any]:
    """The schema of what `to_json` writes; objects allow no other keys."""
    definitions: dict[str, Any] = {}
    parts = {name: _schema(hint, definitions) for name, (hint, _) in fields_of(Plan).items()}
    nested = {name: parts.pop(name) for name in NESTED}
    parts["status"] = {"enum": list(STATUSES)}
    top = {"schema_version": {"const": SCHEMA_VERSION}, **parts, "plan": _object(nested, {*nested})}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan of llm-hardware-recommender",
        "description": (Plan.__doc__ or "").strip(),
        **_object(top, set(top)),
        "$defs": definitions,
    }


def _object(properties: Mapping[str, Any], required: set[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name in required],
        "additionalProperties": False,
    }


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _reference(hint, definitions)
    if hint in _SCALARS:
        return dict(_SCALARS[hint])
    arguments = get_args(hint)
    origin = get_origin(hint)
    if origin is types.UnionType:
        return {"anyOf": [_schema(arguments[0], definitions), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if origin is Literal:
        return {"enum": list(arguments)}
    raise TypeError(f"type hint {hint} is not one that plans use")


def _reference(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}  # holds the place while fields are followed
        hints = fields_of(cls)
        properties = {name: _schema(hint, definitions) for name, (hint, _) in hints.items()}
        described = {"description": (cls.__doc__ or "").strip()}
        definitions[cls.__name__] = described | _object(properties, set(properties))
    return {"$ref": f"#/$defs/{cls.__name__}"}
