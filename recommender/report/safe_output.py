"""Output that a terminal can show: a file or a name may hold any character, an encoding may not."""

import codecs
import os
import sys
from io import FileIO, TextIOWrapper

PLAIN = {"\N{PLUS-MINUS SIGN}": "+-", "\N{MICRO SIGN}": "u", "\N{MULTIPLICATION SIGN}": "x"}
"""The like in ASCII; a question mark stands for any other."""


def make_output_safe() -> None:
    """Show the like, or a question mark, where a character cannot be shown; never fail.

    What is written to a stream that was closed at the start (`>&-`) goes nowhere.
    """
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plain")


def _nowhere() -> TextIOWrapper:
    return TextIOWrapper(FileIO(os.devnull, "w"), encoding="utf-8")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What is shown in place of characters that cannot be encoded, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?") for character in lost), error.end
