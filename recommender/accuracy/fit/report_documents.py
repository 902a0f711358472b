"""The JSON documents of a report, read in bounded memory.

A report of a gigabyte, or a link to `/dev/zero`, ends at LARGEST_BYTES. Values take more memory
than their text (`[],` is 3 bytes of a file and 64 of a memory), so that they are counted before
they are made: no more than MOST_VALUES commas and opening brackets.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recommender.accuracy.file_kind import LONGEST_START, no_text
from recommender.errors import SpecError

LARGEST_BYTES = 256 << 20
MOST_VALUES = 12_000_000
"""A report of 200 MB has as many: single times of 18 digits. They take 0.4 GB, at worst 2."""
WITHOUT_LISTS = "save it without the lists of single requests"
BLANKS = " \t\r\n"
BRACKETS = (b",", b"[", b"{")


def documents(path: Path) -> Iterator[Any]:
    """The documents of a file, one after the other; of a list, what is in it.

    Raises
    ------
    SpecError
        The file cannot be read, is too large, or is no JSON in UTF-8.
    """
    text, decoder = _text(path), json.JSONDecoder()
    at = _after_blanks(text, 0)
    while at < len(text):
        try:
            content, at = decoder.raw_decode(text, at)
        except RecursionError:
            raise SpecError(f"{path} is nested too deeply to be a report") from None
        except json.JSONDecodeError as error:
            raise SpecError(f"{path} is not JSON: {error}") from None
        except ValueError:
            raise SpecError(f"{path} holds a number of thousands of digits") from None
        at = _after_blanks(text, at)
        if isinstance(content, list):
            yield from content
        else:
            yield content


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SpecError(f"cannot read {path}: {error.strerror or error}") from None
    if problem := no_text(content[:LONGEST_START], instead="unpack it"):
        raise SpecError(f"{path} is not JSON: {problem}")
    if len(content) > LARGEST_BYTES:
        raise SpecError(f"{path} is larger than {LARGEST_BYTES >> 20} MiB; {WITHOUT_LISTS}")
    if sum(map(content.count, BRACKETS)) > MOST_VALUES:
        raise SpecError(f"{path} holds more than {MOST_VALUES:,} values; {WITHOUT_LISTS}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def _after_blanks(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in BLANKS:
        at += 1
    return at
