"""What a file is that is no measurement table: by how it begins, and by its first line."""

from collections.abc import Collection, Sequence

from catalog.errors import did_you_mean
from recommender.accuracy.measurement import KINDS

LONGEST_START = 64
"""Bytes that are looked at."""
LONGEST_QUOTED, MOST_QUOTED, MOST_COMPARED = 60, 5, 50
"""Characters of a name in a message, and how many names are in one, and are looked through."""
BEGINNINGS = {
    b"PK\x03\x04": "a spreadsheet or zip archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet in the old format of Excel",
    b"\x1f\x8b": "a gzip archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"BZh": "a bzip2 archive",
    b"PAR1": "a Parquet file",
}
OF_NO_TABLE = {
    b"SQLite format 3\x00": "a database of SQLite", b"%PDF-": "a PDF file",
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
}  # fmt: skip
ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32", b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16",
}  # fmt: skip
"""By their mark; that of UTF-32 begins like that of UTF-16, and comes first."""
OTHER_SEPARATORS = (";", "\t", "|")


def no_text(start: bytes, *, instead: str = "unpack it, or save it as CSV") -> str:
    """What a file is that begins so, where it is no UTF-8 text; blank where it may be.

    `instead` is what to do with an archive.
    """
    for beginning, name in BEGINNINGS.items():
        if start.startswith(beginning):
            return f"it is {name}; {instead}"
    for beginning, name in OF_NO_TABLE.items():
        if start.startswith(beginning):
            return f"it is {name}"
    for mark, name in ENCODINGS.items():
        if start.startswith(mark):
            return f"it is {name}, not UTF-8"
    if b"\x00" not in start:
        return ""
    pairs, nuls = len(start) // 2, (start[0::2].count(0), start[1::2].count(0))
    if pairs > 1 and sorted(nuls) == [0, pairs]:
        return "it is UTF-16, not UTF-8"
    return "it is no text: it holds NUL characters"


def no_header(header: Sequence[str], *, required: Collection[str], known: Collection[str]) -> str:
    """What is probably wrong with a first line that lacks required columns."""
    text = ",".join(header)
    missing = [name for name in required if name not in header]
    if text.startswith(("{", "[")):
        return (
            "it is JSON; reports of `vllm bench serve` and GuideLLM are for `recommend calibrate`"
        )
    other = next((sign for sign in OTHER_SEPARATORS if text.count(sign) > len(header)), "")
    if other:
        return f"cells are separated by {other!r}, not by commas"
    if set(missing) <= {name.casefold() for name in header}:
        return "columns are spelled in small letters"
    strangers = [name for name in header if name and name not in known]
    if len(strangers) == sum(map(bool, header)):
        is_row = any(map(_is_number, header))
        what = "it has no header row" if is_row else f"no column {', '.join(missing)}"
        return f"{what}; its first line is {shorten(text, LONGEST_QUOTED)!r}"
    likely = [shorten(name, LONGEST_QUOTED) for name in strangers[:MOST_COMPARED]]
    hints = [hint for name in missing if (hint := did_you_mean(name, likely))]
    unread = ", ".join(shown(name) for name in strangers[:MOST_QUOTED])
    hint = f" ({', '.join(hints)})" if hints else f" (not known: {unread})" if unread else ""
    wide = any(name in KINDS for name in strangers)
    own_rows = "; each figure has a row of its own, with kind, metric, value and unit"
    return f"no column {', '.join(missing)}{hint}{own_rows if wide else ''}"


def shown(name: str) -> str:
    """A name in a message: not endless, and without control characters that a terminal obeys."""
    short = shorten(name, LONGEST_QUOTED)
    return short if short.isprintable() else repr(short)


def shorten(text: str, longest: int) -> str:
    """A text without its middle if it is endless."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} ... {text[-half:]}"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
