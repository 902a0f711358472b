"""Widths of the columns of a text table, and text broken to fit them.

    sum over columns of min(natural_i, cap) = available     for the columns that may be narrowed

One cap for all of them: the widest give way first, and short ones are never touched. Names such as
`nebius/gpu-b200-sxm_8gpu/us-central1` break after a sign before they are cut; numbers do not break.
"""

import re
from collections.abc import Sequence

LEAST_WIDTH = 8
_BREAKS = re.compile(r"(?<=\s)(?=\S)|(?<=[/_])(?=\w{3})|(?<=\w[-,:;@])(?=[^\s\d])")
"""Before a word, after `/` (not in `$44/h`), after `-` (not in `2026-01-21` or `--fast`)."""


def fitted(natural: Sequence[int], fixed: Sequence[bool], available: int) -> list[int]:
    """Widths whose sum is at most `available`, where the fixed ones leave room for that."""
    free = available - sum(n for n, f in zip(natural, fixed, strict=True) if f)
    soft = sorted(n for n, f in zip(natural, fixed, strict=True) if not f)
    cap = max(soft, default=0)
    for position, width in enumerate(soft):  # those below the cap keep their width
        left = len(soft) - position
        if width * left > free:
            cap = max(LEAST_WIDTH, free // left)
            break
        free -= width
    return [n if f else min(n, cap) for n, f in zip(natural, fixed, strict=True)]


def broken(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters; a piece that is longer is cut, nothing is lost.

    Raises
    ------
    ValueError
        When there is no room for a single character.
    """
    if width < 1:
        raise ValueError(f"text cannot be broken into lines of {width} characters")
    lines = [""]
    for piece in _BREAKS.split(text):
        if len(lines[-1]) + len(piece.rstrip()) > width and lines[-1]:
            lines.append("")
        piece = piece if lines[-1] else piece.lstrip()
        while len(piece.rstrip()) > width:
            lines[-1] = piece[:width]
            lines.append("")
            piece = piece[width:]
        lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()] or [""]
