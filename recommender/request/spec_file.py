"""Specs from files and raw values: YAML read safely, every problem named at once.

Scalars are those of YAML 1.2: `off` and `3:2.1` are text, as at the shell, not False and 182.1.

A spec is flat: each key holds one value or a list of values. Anything deeper is refused before
it is looked at, since a few lines of YAML aliases can stand for gigabytes.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from recommender.errors import SpecError
from recommender.request.blanks import blanks
from recommender.request.sentences import sentence
from recommender.request.spec import Spec

LARGEST_FILE_BYTES = 1_000_000
SEVERAL = "several specs are for `recommend batch`"


class Pairs(yaml.SafeLoader):
    """Safe YAML whose top mapping comes as pairs, so that a key given twice can be seen."""

    def pairs(self, node: yaml.Node | None) -> object:
        """(key, value) of a mapping; another node as what it is, None for nothing."""
        if not isinstance(node, yaml.MappingNode):
            return None if node is None else self.construct_document(node)
        return [tuple(map(self._deeply, pair)) for pair in node.value]

    def _deeply(self, node: yaml.Node) -> object:
        return self.construct_object(node, deep=True)


Pairs.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"(~|null|)", ["~", "n", ""]),
    ("bool", r"(true|True|TRUE|false|False|FALSE)", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Pairs.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"{_pattern}$"), _first)


def read_spec_file(path: Path) -> dict[str, Any]:
    """Raw values of a spec from a YAML or JSON file, `-` for standard input; raises SpecError."""
    source = "standard input" if str(path) == "-" else str(path)
    try:
        content = content_of(path)
        if len(content) > LARGEST_FILE_BYTES:
            raise SpecError(f"{source} is larger than 1 MB; a spec is a short YAML mapping")
        pairs = _pairs(content.decode("utf-8-sig"))
    except OSError as error:
        raise SpecError(f"cannot read spec {source}: {error.strerror}") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:  # bad UTF-8, dates, numbers
        problem = problem_of(error)
        several = f"; {SEVERAL}" if "expected a single document" in problem else ""
        raise SpecError(f"{source} is not readable YAML: {problem}{several}") from error
    if isinstance(pairs, list) and any(isinstance(pair, dict) for pair in pairs):
        raise SpecError(f"{source} must be a mapping such as `model: 236b`; {SEVERAL}")
    return flat(source, pairs)


def content_of(path: Path, *, most_bytes: int = LARGEST_FILE_BYTES) -> bytes:
    """The file, as far as its length matters; one byte more than `most_bytes` at most."""
    if str(path) == "-":
        return sys.stdin.buffer.read(most_bytes + 1)
    with path.open("rb") as file:
        return file.read(most_bytes + 1)


def _pairs(text: str) -> object:
    loader = Pairs(text)
    try:
        return loader.pairs(loader.get_single_node())
    finally:
        loader.dispose()


def flat(source: str, pairs: object) -> dict[str, Any]:
    """Key -> value of pairs, each key once, no value deeper than a list; raises SpecError."""
    if pairs is None:
        raise SpecError(f"{source} is empty; a spec is a mapping such as `model: 236b`")
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        raise SpecError(f"{source} must be a mapping such as `model: 236b`")
    raw: dict[str, Any] = {}
    if "schema_version" in (key for key, _ in pairs):
        raise SpecError(f"{source} is a saved plan; a file with what is under its `spec` is a spec")
    for key, value in pairs:
        if not isinstance(key, str):
            raise SpecError(f"{source} must be a mapping of names such as `model: 236b`")
        name = key.replace("-", "_")
        if name in raw:
            raise SpecError(f"{source} gives {name} twice; keep one of them")
        parts = value if isinstance(value, list) else [value]
        if any(isinstance(part, list | dict | set | tuple) for part in parts):
            raise SpecError(f"{source}: {name} must be one value or a list of values")
        raw[name] = value
    return raw


def problem_of(error: Exception) -> str:
    """What is wrong in a text, and in which line where that is known."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return _first_line(error)
    if error.problem is None or error.problem_mark is None:
        return _first_line(error)
    mark = error.problem_mark
    if error.context_mark is not None and "stream" in error.problem:  # never closed: where opened
        mark = error.context_mark
    line = f"line {mark.line + 1}"
    if "'\\t'" in error.problem:
        return f"{line} has a tab where YAML takes spaces only"
    context = f" {error.context}" if error.context else ""
    return f"{line}:{context} {error.problem}"[:200]


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def make_spec(raw: Mapping[str, Any]) -> Spec:
    """Validate raw values; all problems in one line of one SpecError."""
    if missing := list(blanks(raw)):
        raise SpecError("; ".join(missing))
    try:
        return Spec.model_validate(dict(raw))
    except ValidationError as error:
        lines = [sentence(problem, raw) for problem in error.errors()]
        raise SpecError("; ".join(lines)) from None
