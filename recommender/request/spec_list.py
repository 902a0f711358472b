"""Many specs in one YAML or JSON file: a list of mappings, or documents between lines of `---`.

A line that begins with `---` is in YAML never a part of a text, so documents are parted before
they are parsed, and one that cannot be parsed does not take the others with it. A list is parsed
whole, as its entries may name each other (`&a`, `*a`); only where that fails, entry by entry.
Everything else is as in a file of one spec (`spec_file`): read safely, flat, each key once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from recommender.errors import SpecError
from recommender.request.spec_file import Pairs, content_of, flat, problem_of

LARGEST_LIST_BYTES = 4_000_000
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_ENTRY = re.compile(r"^-(?=\s|$)", re.MULTILINE)
_NAME = re.compile(r"""^[- \t]*name:[ \t]*["']?([^"'#\r\n]+)""", re.MULTILINE)
_SOMETHING = re.compile(r"^[ \t\r]*[^\s#]", re.MULTILINE)
_DIRECTIVES = re.compile(r"(?:%.*\n|[ \t\r]*(?:#.*)?\n)*")
"""All of the text above the first `---`: it belongs to the document that follows."""
_PROBLEMS = (ValueError, RecursionError, yaml.YAMLError)


@dataclass(frozen=True, slots=True)
class Listed:
    """One spec of a file, not validated yet, or why it cannot be read.

    Attributes
    ----------
    line
        Where it begins, from 1.
    name
        What it calls itself; empty where it does not.
    """

    line: int
    name: str
    raw: dict[str, Any] | SpecError


def read_spec_list(path: Path) -> Iterator[Listed]:
    """The specs of a file, in its order; SpecError where the file cannot be read as text."""
    try:
        content = content_of(path, most_bytes=LARGEST_LIST_BYTES)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise SpecError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{path} is not readable YAML: {problem_of(error)}") from error
    if len(content) > LARGEST_LIST_BYTES:
        raise SpecError(f"{path} is larger than {LARGEST_LIST_BYTES // 10**6} MB; split it")
    for line, part in _documents(text):
        yield from _specs(path, part, line)


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """(first line from 0, text) of each document that holds anything."""
    starts = [match.start() for match in _DOCUMENT.finditer(text)]
    if starts and _DIRECTIVES.fullmatch(text, 0, starts[0]):
        starts[0] = 0
    begin, line = 0, 0
    for end in (*starts, len(text)):
        part = text[begin:end]
        if _SOMETHING.search(part.removeprefix("---")):
            yield line, part
        line += part.count("\n")
        begin = end


def _specs(path: Path, text: str, line: int) -> Iterator[Listed]:
    """The specs of a document; `line` is its first, from 0."""
    try:
        loader = Pairs(text)
        loader.line = line
        node = loader.get_single_node()
    except _PROBLEMS as error:
        yield from _one_by_one(path, text, line, error)
        return
    if isinstance(node, yaml.SequenceNode):
        yield from (_spec(path, loader, entry) for entry in node.value)
    elif node is not None:
        yield _spec(path, loader, node)
    loader.dispose()


def _one_by_one(path: Path, text: str, line: int, error: Exception) -> Iterator[Listed]:
    """The entries of a list that cannot be parsed whole; what is no such list is the error."""
    entries = [match.start() for match in _ENTRY.finditer(text)]
    if len(entries) < 2:
        name = _NAME.search(text)
        problem = SpecError(f"{path} is not readable YAML: {problem_of(error)}")
        yield Listed(line + 1, name[1].strip() if name else "", problem)
        return
    line += text.count("\n", 0, entries[0])
    for begin, end in zip(entries, (*entries[1:], len(text)), strict=True):
        yield from _specs(path, text[begin:end], line)
        line += text.count("\n", begin, end)


def _spec(path: Path, loader: Pairs, node: yaml.Node) -> Listed:
    line = node.start_mark.line + 1
    source = f"{path}, line {line}"
    name = ""
    try:
        pairs = loader.pairs(node)
        name = _name_in(pairs)
        raw = flat(source, pairs)
    except SpecError as error:
        return Listed(line, name, error)
    except _PROBLEMS as error:
        return Listed(line, "", SpecError(f"{source} is not readable YAML: {problem_of(error)}"))
    raw.pop("name", None)
    return Listed(line, name, raw)


def _name_in(pairs: object) -> str:
    """What a mapping gives as its name; empty where that is not one value."""
    known = pairs if isinstance(pairs, list) else []
    names = (pair[1] for pair in known if isinstance(pair, tuple) and pair[0] == "name")
    name = next(names, None)
    return str(name).strip() if isinstance(name, str | int | float) else ""
