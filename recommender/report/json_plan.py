"""Plan <-> JSON: the master format, from which every other one can be rendered.

`deployments`, `nodes`, `placements`, `totals` and `periods` lie under the key `plan`, everything
else on top.
The text is ASCII and holds neither NaN nor Infinity.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, get_args

from recommender.errors import SpecError
from recommender.plan import SCHEMA_VERSION, Plan
from recommender.report.decode import brief, check_keys, decode, fields_of

STATUSES = ("optimal", "feasible", "infeasible", "failed", "not_reached")

NESTED = ("deployments", "nodes", "placements", "totals", "periods")
"""Fields of a Plan that lie under the key `plan`."""


def to_json(plan: Plan) -> str:
    """The plan as JSON text, ending with a newline; the same plan gives the same text.

    Raises ValueError, naming the field, where a number is NaN or infinite.
    """
    flat = _encode(plan, "plan")
    nested = {name: flat.pop(name) for name in NESTED}
    ordered: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
    for name, value in flat.items():
        ordered[name] = value
        if name == "model":
            ordered["plan"] = nested
    return json.dumps(ordered, indent=1) + "\n"


def from_json(text: str, *, source: str = "plan") -> Plan:
    """The plan that `to_json` wrote; `source` names the file in messages.

    Raises SpecError for anything else, saying what is wrong.
    """
    document = parse_json(text, source)
    if not isinstance(document, dict) or "schema_version" not in document:
        raise SpecError(
            f"{source} is not a plan: no schema_version in it; "
            "right would be a file written by `recommend -o plan.json`"
        )
    version = document.pop("schema_version")
    if version != SCHEMA_VERSION:
        raise SpecError(
            f"{source} has schema_version {brief(version)}, this program reads "
            f"{SCHEMA_VERSION!r}; solve its `spec` again to get a current plan"
        )
    nested = document.pop("plan", None)
    if not isinstance(nested, dict):
        raise SpecError(f"{source}: plan is {brief(nested)}; right would be an object")
    check_keys(nested, set(), set(NESTED), f"{source}: plan")
    known = set(fields_of(Plan)) - set(NESTED)
    check_keys(document, {"status", "proof", "spec", "model"}, known, source)
    flat = {name: decode(fields_of(Plan)[name][0], v, name) for name, v in document.items()}
    flat |= {
        name: decode(fields_of(Plan)[name][0], v, f"plan.{name}") for name, v in nested.items()
    }
    if flat["status"] not in STATUSES:
        raise SpecError(
            f"{source}: status is {brief(flat['status'])}; known are {', '.join(STATUSES)}"
        )
    return Plan(**flat)


def parse_json(text: str, source: str) -> Any:
    """Strict JSON: no NaN, no number beyond a float, no duplicate key, bounded depth."""

    def refuse(constant: str) -> NoReturn:
        raise SpecError(f"{source} holds {constant}, which is not JSON")

    def number(literal: str) -> float:
        value = float(literal)
        return value if math.isfinite(value) else refuse(f"the number {brief(literal)}")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            raise SpecError(f"{source} gives a key twice in one object")
        return entries

    try:
        return json.loads(text, parse_constant=refuse, parse_float=number, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise SpecError(f"{source} is not JSON: {error.msg} at {where}") from None
    except (ValueError, RecursionError) as error:
        raise SpecError(f"{source} is not readable JSON: {brief(str(error))}") from None


def _encode(value: Any, place: str, hint: Any = Any) -> Any:
    """JSON value; whole numbers become floats where the hint says so: one plan, one text."""
    arguments = get_args(hint)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            name: _encode(getattr(value, name), f"{place}.{name}", field_hint)
            for name, (field_hint, _) in fields_of(type(value)).items()
        }
    if isinstance(value, Mapping):
        inner = arguments[-1] if arguments else Any
        return {str(k): _encode(v, f"{place}[{k!r}]", inner) for k, v in value.items()}
    if isinstance(value, tuple | list):
        inner = arguments[0] if arguments else Any
        return [_encode(v, f"{place}[{i}]", inner) for i, v in enumerate(value)]
    return _scalar(value.item() if hasattr(value, "dtype") else value, place, (hint, *arguments))


def _scalar(value: Any, place: str, hints: tuple[Any, ...]) -> Any:
    if isinstance(value, str):
        return str(value)  # a StrEnum becomes its text
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, int | float):
        raise TypeError(f"{place} is a {type(value).__name__}, which JSON does not have")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{place} is {value}: a plan holds finite numbers or null")
    return float(value) if float in hints else value
