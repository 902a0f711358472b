"""Lines of a file that may have no end, for `csv.reader`, which holds a whole row in memory.

A row takes at most LONGEST_ROW characters, also over several lines, as cells in quotation marks
have them. What is left of a longer line is skipped, so that the next row is read as it is.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from recommender.errors import SpecError

LONGEST_ROW = 4 << 20
"""Characters: thousands of times those of an honest row."""
LONGEST_LINE = 1 << 30
"""Characters after which a line is none that will end: `/dev/zero`."""
LINE_ENDS = ("\n", "\r")


class BoundedLines(Iterator[str]):
    """Lines as they are; `number` counts them.

    A line that its row has no room for raises `csv.Error`, as all that makes a row unreadable; what
    cannot be read, or never ends, raises SpecError.
    """

    def __init__(self, path: Path, file: TextIO) -> None:
        self.number = 0
        self._path, self._file = path, file
        self._room = LONGEST_ROW

    def begin_row(self) -> None:
        """Give the next row its room."""
        self._room = LONGEST_ROW

    def __next__(self) -> str:
        if self._room <= 0:
            raise csv.Error(_too_long())
        line = self._read(self._room)
        if not line:
            raise StopIteration
        self.number += 1
        self._room -= len(line)
        if self._room <= 0 and not line.endswith(LINE_ENDS):
            self._skip(len(line))
            raise csv.Error(_too_long())
        return line

    def _skip(self, characters: int) -> None:
        """Read what is left of a line, of which so many characters are read."""
        while (rest := self._read(LONGEST_ROW)) and not rest.endswith(LINE_ENDS):
            characters += len(rest)
            if characters > LONGEST_LINE:
                text = (
                    f"{self._path}: line {self.number} is longer than {LONGEST_LINE:,} characters;"
                    " it is no table"
                )
                raise SpecError(text)

    def _read(self, most: int) -> str:
        try:
            return self._file.readline(most)
        except OSError as error:  # else it would be taken for one of the output
            raise SpecError(f"cannot read {self._path}: {error.strerror or error}") from None


def _too_long() -> str:
    return f"the row is longer than {LONGEST_ROW:,} characters"
