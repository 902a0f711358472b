"""Writes are whole or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.errors import SpecError
from recommender.write import check_format, check_writable, keep_text, replaced_text, write_text


def test_replaces_and_keeps_the_mode(tmp_path: Path) -> None:
    """New text, old permissions, nothing else in the folder."""
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o640)
    write_text(path, "new \N{GREEK SMALL LETTER LAMDA}\n")
    assert path.read_text("utf-8") == "new λ\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["plan.json"]


def test_new_file_obeys_the_umask(tmp_path: Path) -> None:
    """As any program would create it."""
    old = os.umask(0o027)
    try:
        write_text(tmp_path / "plan.json", "x")
    finally:
        os.umask(old)
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == 0o640


def test_streamed_text_keeps_the_mode_obeys_the_umask_and_follows_links(tmp_path: Path) -> None:
    """Predictions had been readable by their owner alone, and had taken the place of links."""
    path, link = tmp_path / "old.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with replaced_text(link) as file:
        file.write("a\r\n" * 3)
        assert path.read_text() == "old"
    assert link.is_symlink() and path.read_bytes() == b"a\r\n" * 3
    assert path.stat().st_mode & 0o777 == 0o640
    with replaced_text(tmp_path / "new.csv") as file:
        file.write("b")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "new.csv").stat().st_mode & 0o777 == 0o666 & ~umask
    assert len(os.listdir(tmp_path)) == 3


def test_streamed_text_goes_to_a_pipe_and_does_not_replace_it(tmp_path: Path) -> None:
    """As to /dev/null, which a superuser would otherwise have replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        with replaced_text(pipe) as file:
            file.write("through")
        assert reader.communicate(timeout=10)[0] == b"through"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_streamed_text_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replaced_text(path) as file:
        file.write("new" * 10_000)
        raise KeyboardInterrupt
    full = r"^cannot write .*old\.csv: No space left"
    with pytest.raises(SpecError, match=full), replaced_text(path) as file:
        file.write("new")
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["old.csv"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_interrupt_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Ctrl-C at any moment: the old text, and no temporary file."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "plan.json"
    path.write_text("old")
    monkeypatch.setattr(os, failing, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(path, "new" * 10_000)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["plan.json"]


def test_a_dash_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who writes `-o -` means standard output."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match="standard output"):
        write_text(Path("-"), "x")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_read_only_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renaming would replace it all the same; a shell's `>` does not. (Root may write anything.)"""
    path = tmp_path / "plan.json"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda name, mode: Path(name) != path)
    with pytest.raises(SpecError, match="it is read-only"):
        write_text(path, "new")
    assert path.read_text() == "old"


def test_follows_links(tmp_path: Path) -> None:
    """The link stays one."""
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_device_is_not_replaced() -> None:
    """`-o /dev/null` writes to it."""
    write_text(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


def test_a_pipe_is_written_to() -> None:
    """`-o /dev/stdout | less` is a link to a pipe, which has no path of its own."""
    program = (
        "from pathlib import Path\n"
        "from recommender.write import write_text\n"
        "write_text(Path('/dev/stdout'), 'x')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"x"


def test_folder_must_exist(tmp_path: Path) -> None:
    """One line that says what to do."""
    with pytest.raises(SpecError, match=r"there is no folder .*none; create it first"):
        write_text(tmp_path / "none" / "plan.json", "x")
    with pytest.raises(SpecError, match="it is a folder; name a file in it"):
        write_text(tmp_path, "x")


def test_what_took_long_to_find_is_printed_where_it_cannot_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SpecError, match=r"No space left on device; it went to standard output$"):
        keep_text(tmp_path / "plan.json", "the plan\n")
    assert capsys.readouterr().out == "the plan\n"
    assert os.listdir(tmp_path) == []


def test_a_link_to_itself_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "b.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "a.json")
    with pytest.raises(SpecError, match="a link that leads back to itself"):
        check_writable(tmp_path / "a.json")


def test_names_without_an_ending_and_devices_are_of_any_format(tmp_path: Path) -> None:
    """`mkfifo points.pipe` is read by another program; who writes `plan` says no format."""
    pipe = tmp_path / "points.pipe"
    os.mkfifo(pipe)
    for path in (tmp_path / "plan", pipe, Path("/dev/stdout"), tmp_path / "x.CSV"):
        check_format(path, written=".csv", instead="leave -o out")
    with pytest.raises(SpecError, match=r"\.v2 is no format that is known, .* is CSV; name it"):
        check_format(tmp_path / "plan.v2", written=".csv", instead="leave -o out")
