"""`recommend doctor`: finds what is there, and says what is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from recommender.commands.doctor_command import command
from recommender.doctor import checks as installation
from recommender.doctor.check import Check, guarded


@pytest.mark.slow
def test_this_installation() -> None:
    """Every line is a check; the exit code says whether all are good."""
    result = CliRunner().invoke(command, [])
    lines = result.stdout.splitlines()
    failed = [line for line in lines if line.startswith("FAIL")]
    assert failed == []
    assert result.exit_code == 0
    names = " ".join(line.split()[1] for line in lines)
    for name in ("python", "numba", "ortools", "simulator", "catalogue"):
        assert name in names
    assert any("sha256" in line for line in lines)


def test_failures_set_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 when anything is wrong; the other checks are still shown."""
    found = iter(
        [Check("one", True, "fine"), Check("two", False, "missing"), Check("three", True, "")]
    )
    monkeypatch.setattr(installation, "checks", lambda overlays: found)
    result = CliRunner().invoke(command, [])
    assert result.exit_code == 1
    assert [line[:4] for line in result.stdout.splitlines()] == ["ok  ", "FAIL", "ok  "]


def test_a_check_that_raises_is_a_finding() -> None:
    """Whatever goes wrong inside a check is its result."""

    def broken() -> str:
        raise ImportError("no such library")

    assert guarded("x", broken) == Check("x", False, "ImportError: no such library")


def test_a_broken_overlay_is_named(tmp_path: Path) -> None:
    """The catalogue check reads overlays as a solve would."""
    check = guarded("catalogue", lambda: installation._catalogue([tmp_path / "none.csv"]))
    assert not check.good
    assert "none.csv" in check.detail
