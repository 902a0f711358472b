"""Keys and flags without a value, or with an endless one: refused before anything is looked up.

Dropping a key without a value drops a limit or a guarantee, as with
`--survive=` of an unset shell variable, `budget:` in YAML, `--gpu H100,` with nothing behind the
comma. An empty list, `survive: []`, says that there is none, and is taken.
"""

from collections.abc import Iterator, Mapping
from typing import Any

MOST_CHARACTERS = 10_000
"""Of a text; the longest path that Linux takes has 4,096."""


def blanks(raw: Mapping[str, Any]) -> Iterator[str]:
    """One sentence per key that is given without a value, or with one that nobody types."""
    for name, value in raw.items():
        flag = "--" + name.replace("_", "-")
        if _is_blank(value):
            yield f"{flag} is given without a value; leave it out, or say what"
        elif isinstance(value, list | tuple) and any(map(_is_blank, value)):
            yield f"{flag}: one of its values is empty; leave that out"
        for text in value if isinstance(value, list | tuple) else [value]:
            if isinstance(text, str) and len(text) > MOST_CHARACTERS:
                yield f"{flag} is {len(text):,} characters long; {MOST_CHARACTERS:,} are read"
            elif isinstance(text, str) and "\0" in text:
                yield f"{flag} holds a null character; leave that out"


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def parts(text: str, separator: str) -> tuple[str, ...]:
    """Parts of a text, stripped; ValueError when one of them is empty."""
    found = tuple(part.strip() for part in text.split(separator))
    if not all(found):
        raise ValueError(f"{text!r}: there is nothing on one side of a {separator!r}")
    return found
