"""Make text from input files harmless to show: no control, direction or surrogate characters."""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """One line of visible characters: blanks for line breaks, a mark for what would be acted on.

    Escape sequences, direction overrides and unpaired surrogates never reach a terminal or page.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\r\t":
        return " "
    return REPLACEMENT if unicodedata.category(character) in _HIDDEN else character
