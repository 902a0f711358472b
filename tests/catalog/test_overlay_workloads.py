"""Workloads of the user: a table beside a file of lengths."""

from pathlib import Path

import pytest

import catalog
from catalog import CatalogError

TABLE = "name,file,burstiness,description,licence\nours,ours.csv,1.3,our traffic,private\n"


def write(folder: Path, lengths: str) -> None:
    (folder / "workloads.csv").write_text(TABLE)
    (folder / "ours.csv").write_text(lengths)


def test_own_workload(tmp_path: Path) -> None:
    write(tmp_path, "input_tokens,output_tokens\n10,20\n30,40\n")
    loaded = catalog.load([tmp_path / "workloads.csv"])
    inputs, outputs = loaded.lengths("ours")
    assert list(inputs) == [10, 30]
    assert list(outputs) == [20, 40]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "input_tokens,output_tokens\n0,5\n"])
def test_bad_lengths(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(CatalogError, match=r"ours\.csv"):
        catalog.load([tmp_path / "workloads.csv"]).lengths("ours")


def test_a_folder_with_a_workload_and_its_lengths(tmp_path: Path) -> None:
    write(tmp_path, "input_tokens,output_tokens\n10,20\n")
    before = catalog.load([tmp_path])
    assert len(before.lengths("ours")[0]) == 1
    write(tmp_path, "input_tokens,output_tokens\n10,20\n30,40\n")
    assert catalog.load([tmp_path]).sha256 != before.sha256
