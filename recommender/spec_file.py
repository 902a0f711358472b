"""Specs from files and raw values: YAML read safely, every problem named at once."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from recommender.errors import SpecError
from recommender.spec import Spec

LARGEST_FILE_BYTES = 1_000_000


def read_spec_file(path: Path) -> dict[str, Any]:
    """Raw values of a spec from a YAML or JSON file; raises SpecError."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise SpecError(f"{path} is larger than 1 MB; a spec is a short YAML mapping")
        text = path.read_text(encoding="utf-8-sig")
        raw = yaml.safe_load(text)
    except OSError as error:
        raise SpecError(f"cannot read spec {path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise SpecError(f"{path} is not readable YAML: {_first_line(error)}") from error
    if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
        raise SpecError(f"{path} must be a mapping such as `model: 236b`, not {type(raw).__name__}")
    return {key.replace("-", "_"): value for key, value in raw.items()}


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def make_spec(raw: Mapping[str, Any]) -> Spec:
    """Validate raw values; all problems in one SpecError, one line each."""
    try:
        return Spec.model_validate(dict(raw))
    except ValidationError as error:
        lines = [_sentence(problem) for problem in error.errors()]
        raise SpecError("; ".join(lines)) from None


def _sentence(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    flag = "--" + name.replace("_", "-")
    match problem["type"]:
        case "extra_forbidden":
            close = get_close_matches(name, Spec.model_fields, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            return f"unknown key {name!r}{hint}"
        case "missing":
            return f"{flag} is missing: {Spec.model_fields[name].description}"
        case "literal_error":
            return f"{flag} {problem['input']!r} must be {problem['ctx']['expected']}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{flag}: {message}" if name else message
