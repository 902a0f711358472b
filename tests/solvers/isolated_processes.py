"""Processes of a worker that misbehaves."""

import sys
from pathlib import Path

import pytest

import cli
from recommender.solvers.isolated.door import Processes

BAD_WORKER = Path(__file__).parent / "bad_worker.py"
MIB = 2**20

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of Unix")


def bad(behaviour: str = "") -> Processes:
    """Processes of the worker that misbehaves, within 512 MiB."""

    def arguments(memory_bytes: int | None) -> list[str]:
        root = str(Path(cli.__file__).parent)
        return [sys.executable, str(BAD_WORKER), root, str(512 * MIB), *filter(None, [behaviour])]

    return Processes(arguments=arguments)
