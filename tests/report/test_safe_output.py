"""Any text can be shown on any terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", "1 +- 2 us x ? ?"), ("latin-1", "1 \xb1 2 \xb5s \xd7 \xe9 ?"), ("utf-8", None)],
)
def test_what_cannot_be_encoded_is_shown_by_its_like(encoding, shown):
    text = "1 \N{PLUS-MINUS SIGN} 2 \N{MICRO SIGN}s \N{MULTIPLICATION SIGN} \xe9 \u6f22"
    code = (
        "import sys; from recommender.report.safe_output import make_output_safe; "
        f"make_output_safe(); print({text!r}); print({text!r}, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONIOENCODING": encoding, "PATH": ""},
        capture_output=True,
        check=True,
    )
    expected = text if shown is None else shown
    assert ran.stdout.decode(encoding).rstrip() == expected
    assert ran.stderr.decode(encoding).rstrip() == expected


def test_the_command_line_is_safe_in_ascii():
    ran = subprocess.run(
        [sys.executable, "cli.py", "--model", "\u6f22", "--qps", "1", "--p99", "1s", "-q"],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii", "PATH": "", "LC_ALL": "C"},
        capture_output=True,
    )
    assert ran.returncode == 2
    assert b"Traceback" not in ran.stderr and b"unknown model" in ran.stderr


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_a_closed_stream_is_no_fault(closed):
    command = f"{sys.executable} cli.py schema spec {closed}"
    ran = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_no_line_is_endless(monkeypatch, capsys):
    """`COLUMNS=100000` drew rules of that many characters."""
    from recommender.report.blocks import Paragraph, Section
    from recommender.report.show import show_sections

    monkeypatch.setenv("COLUMNS", "100000")
    show_sections((Section("a", "A", (Paragraph("text"),)),))
    assert max(map(len, capsys.readouterr().out.splitlines())) == 400
