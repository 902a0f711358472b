"""Write a file in place of another one at the end, but never in place of the source."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from recommender.errors import SpecError
from recommender.write import replaced_text


@contextmanager
def replaced_file(path: Path, *, source: Path) -> Iterator[TextIO]:
    """A text file that replaces `path` when the block ends without an exception.

    Raises
    ------
    SpecError
        `path` cannot be written, or is the file that is read.
    """
    if path.is_file() and source.exists() and path.samefile(source):
        raise SpecError(f"-o {path} is the file that is read; name another one")
    with replaced_text(path) as file:
        yield file
