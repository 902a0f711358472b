"""Write a file under another name and put it in place at the end, so that none is half written."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from recommender.errors import SpecError


@contextmanager
def replaced_file(path: Path, *, source: Path) -> Iterator[TextIO]:
    """A text file that replaces `path` when the block ends without an exception.

    Raises
    ------
    SpecError
        `path` cannot be written, or is the file that is read.
    """
    if path.exists() and source.exists() and path.samefile(source):
        raise SpecError(f"-o {path} is the file that is read; name another one")
    try:
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise SpecError(f"cannot write {path}: {error.strerror}") from None
    try:
        with open(handle, "w", newline="", encoding="utf-8") as file:
            yield file
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
