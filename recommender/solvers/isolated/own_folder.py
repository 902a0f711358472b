"""The folder for temporary files of a solver's process: its own, and gone with it.

Solvers behind PuLP write programs and solutions to files, and leave them when they are ended. Who
starts the process removes its folder; where that one is gone, the process does at its own end.
"""

import os
import shutil

VARIABLE = "RECOMMENDER_SOLVER_FOLDER"
PLACES = ("TMP", "TMPDIR", "TEMP")
"""Where PuLP, solvers and Python look for a place, in this order."""


def environment(folder: str) -> dict[str, str]:
    """Of a process with this folder for temporary files."""
    return {**os.environ, VARIABLE: folder, **dict.fromkeys(PLACES, folder)}


def remove() -> None:
    """Remove the folder of this process, where it has one of its own."""
    folder = os.environ.get(VARIABLE)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
