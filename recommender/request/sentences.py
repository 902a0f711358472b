"""What is wrong with a spec, in words of its flags: one sentence per problem of the validation."""

from collections.abc import Mapping
from typing import Any

from catalog.errors import did_you_mean
from recommender.request.spec import Spec

LONGEST_SENTENCE = 300
SCHEMA = "`recommend schema spec` lists them"
LONGEST_VALUE = 60

_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = {
    "string_type": "text, in quotes",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}


def sentence(problem: Any, raw: Mapping[str, Any]) -> str:
    """A problem as pydantic describes it, of the spec that `raw` was to become."""
    words = " ".join(_words(problem, raw).split())
    if len(words) <= LONGEST_SENTENCE:
        return words
    return words[: LONGEST_SENTENCE // 2] + " ... " + words[-LONGEST_SENTENCE // 2 :]


def _words(problem: Any, raw: Mapping[str, Any]) -> str:
    name = next((str(part) for part in problem["loc"]), "")
    flag = "--" + name.replace("_", "-")
    kind = problem["type"]
    if kind == "extra_forbidden":
        hint = did_you_mean(name, Spec.model_fields)
        return f"unknown key {name!r}; {hint or SCHEMA}"
    if kind == "missing":
        return f"{flag} is missing: {(Spec.model_fields[name].description or '').rstrip('.')}"
    if kind == "literal_error":
        return f"{flag} {_shown(problem['input'])} must be {problem['ctx']['expected']}"
    given = _shown(raw.get(name, problem["input"]))
    if kind in _BOUNDS:
        key, relation = _BOUNDS[kind]
        return f"{flag} {given} must be {relation} {_bound(problem['ctx'][key], given)}"
    if kind in _KINDS:
        return f"{flag} {given} must be {_KINDS[kind]}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{flag}: {message}" if name else message


def _bound(bound: float, given: str) -> str:
    """A bound in the unit in which the value was given: 99% where that was 100%."""
    return f"{100 * bound:g}%" if "%" in given else f"{bound:g}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."
