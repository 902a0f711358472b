"""The command line as a shell sees it: what it imports, its exit codes, its streams."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cli

ROOT = Path(cli.__file__).parent
HEAVY = ("numpy", "pandas", "ortools", "numba", "pulp", "rich", "pydantic", "yaml")


def shell(*arguments, **more):
    """Run `python cli.py ARGUMENTS`."""
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **more,
    )


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["-h"], ["--version"], [], ["solve", "--help"], ["what-if", "--help"], ["zzz"]],
)
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys, cli\n"
        f"try: cli.main({arguments!r})\n"
        "except SystemExit: pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert result.stderr.splitlines()[-1] == "[]"


def test_help_lists_every_command():
    result = shell("--help")
    assert result.returncode == 0
    for name in cli.COMMANDS:
        assert f"  {name} " in result.stdout


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_exists_and_has_help(name):
    import click

    command = cli.command_table.get_command(click.Context(cli.command_table), name)
    assert command is not None and command.name == name
    assert command.help


@pytest.mark.parametrize(
    "name",
    ["solve", "front", "candidates", "what-if", "batch", "catalog", "models", "render", "schema",
     "doctor"],
)  # fmt: skip
def test_every_command_refuses_an_unknown_flag_in_one_line(name, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([name, "--no-such-flag"])
    seen = capsys.readouterr()
    assert end.value.code == 2
    assert seen.out == ""
    assert "no-such-flag" in seen.err and seen.err.count("\n") == 1


@pytest.mark.parametrize("name", ["list", "export"])
def test_names_of_tables_are_whole_words_in_the_help(name):
    """Usage lines broke them: `checkpoint` at the end of one, `s` at the beginning of the next."""
    text = shell("catalog", name, "--help").stdout
    assert f"catalog {name} [OPTIONS] [TABLE]" in text
    assert {"checkpoints", "quality_losses"} <= set(text.replace(",", " ").split())


def test_without_arguments_help_is_shown():
    result = shell()
    assert result.returncode == 0
    assert "--model 236b" in result.stdout
    assert "130 interrupted" in result.stdout  # and every other exit code


def test_version():
    result = shell("--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("recommend")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--model", "8b", "--qps", "5", "--p99", "1s", "--gpu", "H100", "--fast", "-q"], 0),
        (["--model", "8b", "--qps", "5", "--p99", "200", "-q"], 2),
        (["--model", "8b", "--qps", "5", "--p99", "2ms", "--gpu", "H100", "--fast", "-q"], 3),
    ],
)
def test_exit_codes(arguments, code):
    result = shell(*arguments)
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr


def test_json_through_a_pipe():
    result = shell(
        "--model", "8b", "--qps", "5", "--p99", "1s", "--gpu", "H100", "--fast", "--json"
    )
    assert json.loads(result.stdout)["status"] == "optimal"


@pytest.mark.parametrize("arguments", ["schema plan", "--help", "models list"])
def test_a_reader_that_goes_away_is_no_error(arguments):
    code = f"set -o pipefail; {sys.executable} {ROOT / 'cli.py'} {arguments} | true"
    result = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_output_that_cannot_show_a_character():
    result = shell(
        "--model",
        "8b",
        "--qps",
        "5",
        "--p99",
        "1s",
        "--gpu",
        "H100",
        "--fast",
        "-q",
        env={"PATH": "", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_ctrl_c_ends_a_batch_that_can_be_taken_up(tmp_path):
    """Interrupted after its first answers: 130, no results yet, no half line, then all of it."""
    rows = "".join(f"r{i},8b,{i + 1},1s,H100\n" for i in range(60))
    (tmp_path / "specs.csv").write_text("name,model,qps,p99,gpu\n" + rows)
    runs = tmp_path / "runs"
    command = [sys.executable, str(ROOT / "cli.py"), "batch", str(tmp_path / "specs.csv")]
    command += ["-o", str(runs), "--jobs", "2", "-q"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    journal = runs / "journal.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (journal.exists() and journal.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    lines = journal.read_text().splitlines()
    assert 0 < len(lines) < 60
    assert all(json.loads(line)["row"]["status"] == "optimal" for line in lines)
    assert not (runs / "results.csv").exists()
    assert subprocess.run(command, check=False, timeout=120).returncode == 0
    assert len((runs / "results.csv").read_text().splitlines()) == 61
    assert journal.read_text().splitlines()[: len(lines)] == lines
