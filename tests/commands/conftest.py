"""The command line in this process: output, errors and exit code; the catalogue is read once."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import catalog
import cli

sys.path.insert(0, str(Path(__file__).parent))


@dataclass(frozen=True)
class Result:
    """What a shell would see."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error of a command that refuses."""
        assert self.out == "", self.out
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("error: ")
        assert "Traceback" not in self.err
        return self.err


@pytest.fixture
def recommend(monkeypatch, capsys, facts):
    """Run `recommend ARGUMENTS`."""
    load = catalog.load
    monkeypatch.setattr(catalog, "load", lambda overlays=(): load(overlays) if overlays else facts)

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            cli.main([str(a) for a in arguments])
        seen = capsys.readouterr()
        return Result(end.value.code, seen.out, seen.err)

    return run
