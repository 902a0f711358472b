"""Write a file whole or not at all: a temporary file in the same folder, then one rename.

A reader sees the old text or the new one, never half of it, and Ctrl-C leaves nothing behind.
"""

import io
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from recommender.errors import SpecError

NAMED_FORMATS = (".csv", ".html", ".htm", ".json", ".md", ".pdf", ".png", ".svg", ".xlsx", ".yaml")


def write_text(path: Path, text: str) -> None:
    """Put `text` (UTF-8) at `path`; raise SpecError, leaving it as it was, where that fails.

    A link is followed; a device or pipe (`/dev/stdout`) is written to, not replaced.
    """
    check_writable(path)
    try:
        if is_device(path):
            with path.open("wb") as device:
                device.write(text.encode())
        else:
            _replace(path.resolve(), text.encode())
    except OSError as error:
        raise SpecError(f"cannot write {path}: {error.strerror}") from None


def keep_text(path: Path, text: str) -> None:
    """As `write_text`, of what took long to find: if it cannot be saved, it is printed instead."""
    try:
        write_text(path, text)
    except SpecError as error:
        sys.stdout.write(text)
        sys.stdout.flush()
        raise SpecError(f"{error}; it went to standard output") from None


def check_writable(path: Path) -> None:
    """Refuse, before any work is done, a path that cannot be written to."""
    if str(path) == "-":
        raise SpecError("cannot write -: name a file; without one, results go to standard output")
    try:
        path.resolve()
    except (OSError, RuntimeError):  # RuntimeError until Python 3.12
        raise SpecError(f"cannot write {path}: it is a link that leads back to itself") from None
    if path.is_dir():
        raise SpecError(f"cannot write {path}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise SpecError(f"cannot write {path}: there is no folder {path.parent}; create it first")
    if path.exists() and not os.access(path, os.W_OK):
        raise SpecError(f"cannot write {path}: it is read-only")
    if not path.exists() and not os.access(path.parent, os.W_OK):
        raise SpecError(f"cannot write {path}: the folder {path.parent} is not writable")


def check_format(path: Path, *, written: str, instead: str) -> None:
    """Refuse a name that ends otherwise than the format that is `written`, such as ".csv".

    A name without an ending is taken, and so is what is no file (`/dev/stdout`, a pipe).
    """
    ending = path.suffix.lower()
    if ending in ("", written) or is_device(path):
        return
    unknown = "" if ending in NAMED_FORMATS else f" {path.suffix} is no format that is known, and"
    text = (
        f"-o {path}:{unknown} what is written is {written[1:].upper()}; name it *{written}, or"
        f" {instead}"
    )
    raise SpecError(text)


def check_folder_name(path: Path) -> None:
    """Refuse a new folder that is named like a file, such as `results.csv`."""
    if path.suffix.lower() in NAMED_FORMATS and not path.is_dir():
        raise SpecError(f"-o {path}: what is written is a folder; leave {path.suffix} off its name")


def is_device(path: Path) -> bool:
    """Whether the path is there and is no file: `/dev/stdout`, a pipe."""
    return path.exists() and not path.is_file()


@contextmanager
def replaced_text(path: Path) -> Iterator[TextIO]:
    """A text file (UTF-8, line ends as written) that takes the place of `path` when the block ends
    without an exception: as `write_text`, of what is too large to hold.

    Raises
    ------
    SpecError
        `path` cannot be written.
    """
    check_writable(path)
    try:
        if is_device(path):
            with path.open("w", encoding="utf-8", newline="") as device:
                yield device
            return
        with _replacing(path.resolve()) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            yield text
            text.detach()  # writes what is left; the file is closed where it was opened
    except BrokenPipeError:  # who read it went away
        raise
    except OSError as error:
        raise SpecError(f"cannot write {path}: {error.strerror}") from None


def _replace(target: Path, content: bytes) -> None:
    with _replacing(target) as file:
        file.write(content)


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    temporary = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            if target.exists():
                os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
