"""Output that a terminal can show: a file or a name may hold any character, an encoding may not."""

import codecs
import sys
from io import TextIOWrapper

PLAIN = {"\N{PLUS-MINUS SIGN}": "+-", "\N{MICRO SIGN}": "u", "\N{MULTIPLICATION SIGN}": "x"}
"""The like in ASCII; a question mark stands for any other."""


def make_output_safe() -> None:
    """Show the like, or a question mark, where a character cannot be shown; never fail."""
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What is shown in place of characters that cannot be encoded, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?") for character in lost), error.end
