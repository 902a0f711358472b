"""The journal of a batch: decided rows as lines of JSON, keyed by all that they depend on.

    key = hash of program version, plan schema, catalogue, spec, and content of every named file

A line that was cut off is left out and its row solved again; so is a row that was not decided.
"""

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

from recommender.plan import SCHEMA_VERSION
from recommender.request.spec import Spec

JOURNAL = "journal.jsonl"

Row = dict[str, Any]


def key_of(spec: Spec, catalog_hash: str) -> str:
    """Everything that a result depends on."""
    digest = hashlib.sha256(
        "\n".join((_version(), SCHEMA_VERSION, catalog_hash, spec.model_dump_json())).encode()
    )
    for file in _files(spec):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(spec: Spec) -> Iterator[Path]:
    """Files that the spec names, and those in folders that it names."""
    models = (choice.name for choice in spec.models)
    for name in (*models, spec.trace, spec.calibration, *spec.catalog):
        path = None if name is None else Path(name)
        if path is not None and path.is_dir():
            yield from sorted(file for file in path.iterdir() if file.is_file())
        elif path is not None and path.is_file():
            yield path


def _version() -> str:
    try:
        return version("llm-hardware-recommender")
    except PackageNotFoundError:  # run from a checkout
        return ""


def read_journal(path: Path) -> dict[str, Row]:
    """Decided rows by key."""
    known: dict[str, Row] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
                row = dict(entry["row"])
                if "status" in row:
                    known[str(entry["key"])] = row
            except (ValueError, KeyError, TypeError):
                continue  # the item is solved again
    return known


def open_journal(path: Path) -> TextIO:
    """Open to append; a line that was cut off is ended first, so that it spoils no other."""
    whole = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
    file = path.open("a", encoding="utf-8")
    if not whole:
        file.write("\n")
    return file


def append(file: TextIO, key: str, row: Row) -> None:
    """Put a row on disk at once."""
    file.write(json.dumps({"key": key, "row": row}) + "\n")
    file.flush()
