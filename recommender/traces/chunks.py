"""A trace file in chunks of whole lines, so that memory does not grow with the file."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from recommender.traces.trace import TraceError

CHUNK_BYTES = 1 << 22
_MARK = b"\xef\xbb\xbf"


class Chunk(NamedTuple):
    """Whole lines; `line` is the number of the first one, from 1."""

    line: int
    content: bytes

    def lines(self) -> Iterator[tuple[int, str]]:
        """Number and text of each line."""
        text = self.content.decode("utf-8", errors="replace")
        return enumerate(StringIO(text, newline=""), start=self.line)

    def after_first_line(self) -> tuple[int, str, "Chunk | None"]:
        """The first line that is not blank, with its number, and what follows; None: all blank."""
        number, rest = self.line, self.content
        while rest:
            end = _line_end(rest)
            text, rest = rest[:end], rest[end:]
            if text.strip():
                return number, text.decode("utf-8", errors="replace"), Chunk(number + 1, rest)
            number += 1
        return number, "", None


def chunks(path: Path) -> Iterator[Chunk]:
    """The file, 4 MiB at a time; a line longer than that is cut."""
    line, kept = 1, b""
    try:
        with path.open("rb") as file:
            while block := file.read(CHUNK_BYTES - len(kept)):
                block = kept + (block.removeprefix(_MARK) if line == 1 and not kept else block)
                end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1  # \r\n may be cut
                full = len(block) >= CHUNK_BYTES
                end = end or (len(block) if full else 0)
                kept = block[end:]
                if end:
                    yield Chunk(line, block[:end])
                    line += _lines_in(block[:end])
    except OSError as error:
        raise TraceError(f"cannot read {path}: {error.strerror or error}") from None
    if kept:
        yield Chunk(line, kept)


def _line_end(content: bytes) -> int:
    ends = [place for place in (content.find(b"\n"), content.find(b"\r")) if place >= 0]
    if not ends:
        return len(content)
    end = min(ends) + 1
    return end + 1 if content[end - 1 : end + 1] == b"\r\n" else end


def _lines_in(content: bytes) -> int:
    return content.count(b"\n") or content.count(b"\r")
