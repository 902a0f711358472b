"""`recommend render`, run as a command."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sample_plan import PLAN

from recommender.commands.render_command import command
from recommender.errors import SpecError
from recommender.report.json_plan import from_json, to_json


def run(*arguments: str, stdin: str | None = None) -> Result:
    """The command's result, as a shell would call it."""
    return CliRunner().invoke(command, list(arguments), input=stdin)


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    """A saved plan."""
    path = tmp_path / "plan.json"
    path.write_text(to_json(PLAN))
    return path


@pytest.mark.parametrize(
    ("form", "start"),
    [("terminal", "Answer ---"), ("md", "<!-- "), ("html", "<!DOCTYPE html>"), ("json", "{\n")],
)
def test_formats(plan_file: Path, form: str, start: str) -> None:
    """Every format on standard output."""
    result = run(str(plan_file), "--format", form)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(start)
    assert result.stderr == ""


def test_a_name_that_says_another_format(plan_file: Path, tmp_path: Path) -> None:
    """`--format html -o report.md` is refused; a name that says nothing is taken."""
    caught = run(str(plan_file), "--format", "html", "-o", str(tmp_path / "r.md")).exception
    assert isinstance(caught, SpecError) and "like another format" in str(caught)
    assert run(str(plan_file), "--format", "HTML", "-o", str(tmp_path / "r.txt")).exit_code == 0
    assert (tmp_path / "r.txt").read_text().startswith("<!DOCTYPE html>")


def test_json_is_the_same_plan(plan_file: Path) -> None:
    """Render to JSON is identity."""
    assert from_json(run(str(plan_file), "--format", "json").stdout) == PLAN


def test_reads_standard_input() -> None:
    """`recommend --json ... | recommend render -`."""
    assert "4,544" in run("-", stdin=to_json(PLAN)).stdout


@pytest.mark.parametrize(
    ("name", "start"), [("r.html", "<!DOCTYPE"), ("r.md", "<!--"), ("r", "Answer")]
)
def test_format_follows_the_name(plan_file: Path, name: str, start: str) -> None:
    """-o report.html needs no --format."""
    output = plan_file.parent / name
    assert run(str(plan_file), "-o", str(output)).exit_code == 0
    assert output.read_text("utf-8").startswith(start)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no file"),
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\xff", "not a text file"),
        (b'{"a": 1}', "no schema_version"),
        (b'{"schema_version": "1"', "is not JSON"),
    ],
)
def test_bad_plan_files(tmp_path: Path, content: bytes | None, message: str) -> None:
    """One clear line, exit code 2, and the output file is not touched."""
    path, output = tmp_path / "plan.json", tmp_path / "out.md"
    output.write_text("old")
    if content is not None:
        path.write_bytes(content)
    result = run(str(path), "-o", str(output))
    assert isinstance(result.exception, SpecError)
    assert result.exception.exit_code == 2
    assert message in str(result.exception) and "\n" not in str(result.exception)
    assert output.read_text() == "old"


def test_a_format_that_there_is_none_of(plan_file: Path) -> None:
    """Not a terminal report under the name of a page; `report.txt` is one."""
    for name in ("report.pdf", "report.xyz"):
        output = plan_file.parent / name
        result = run(str(plan_file), "-o", str(output))
        assert isinstance(result.exception, SpecError)
        assert "name it *.html, *.htm, *.md" in str(result.exception) and not output.exists()
    text = plan_file.parent / "report.txt"
    assert run(str(plan_file), "-o", str(text)).exception is None
    assert "Answer ---" in text.read_text()


def test_missing_folder_comes_first(plan_file: Path) -> None:
    """Refused before any work."""
    result = run(str(plan_file), "-o", str(plan_file.parent / "none" / "x.md"))
    assert isinstance(result.exception, SpecError)
    assert "no folder" in str(result.exception)


def test_the_plan_itself_is_kept(plan_file: Path) -> None:
    """-o PLAN would replace the source by its report."""
    result = run(str(plan_file), "--format", "md", "-o", str(plan_file))
    assert result.exit_code == 2
    assert from_json(plan_file.read_text()) == PLAN
