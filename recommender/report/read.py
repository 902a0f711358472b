"""Read a saved plan from a file or from standard input."""

import sys
from pathlib import Path

from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.report.json_plan import from_json

MOST_BYTES = 256 * 2**20


def read_plan(path: str) -> Plan:
    """The plan in a file, or on standard input for `-`; SpecError says why it is not one."""
    if path == "-":
        return from_json(_text(sys.stdin.buffer.read(MOST_BYTES + 1), "stdin"), source="stdin")
    if not path.strip():
        raise SpecError("the name of the plan file is empty")
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise SpecError(f"{path} is a folder; name a plan file in it") from None
    except FileNotFoundError:
        raise SpecError(
            f"there is no file {path}; write one with `recommend ... -o {path}`"
        ) from None
    except OSError as error:
        raise SpecError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:  # a null character in its name
        raise SpecError(f"cannot read {path}: {error}") from None
    return from_json(_text(content, path), source=path)


def _text(content: bytes, source: str) -> str:
    if len(content) > MOST_BYTES:
        raise SpecError(f"{source} is larger than {MOST_BYTES // 2**20} MiB: not a plan")
    if not content.strip():
        raise SpecError(f"{source} is empty; right would be a plan written by `recommend -o`")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError(f"{source} is not a text file: not a plan") from None
