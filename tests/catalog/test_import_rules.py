"""Rules of importing: days in any form, rows that could not be used, what a bare name means."""

from pathlib import Path

import pytest

from catalog import load
from catalog.errors import CatalogError
from catalog.export import to_csv
from catalog.importers import import_offers
from catalog.importers.rejected import Rejection
from catalog.importers.usable import day

CATALOG = load()


def write(folder: Path, name: str, text: str) -> str:
    """A file with this text."""
    path = folder / name
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-10-02", "2026-10-02"),
        ("2026/1/9", "2026-01-09"),
        ("02.10.2026", "2026-10-02"),
        ("46000", "2025-12-09"),  # a spreadsheet's day: 45,658 is 2025-01-01
        ("45658", "2025-01-01"),
        ("2026-10-02T08:00:00Z", "2026-10-02"),
    ],
)
def test_days_as_people_write_them(text: str, iso: str) -> None:
    assert day(text) == iso


@pytest.mark.parametrize("text", ["10/02/2026", "yesterday", "31.02.2026", "460001"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(Rejection):
        day(text)


def test_rows_that_an_overlay_could_not_hold(tmp_path: Path) -> None:
    rows = (
        "provider,instance_type,accelerator,node_accelerators,price_per_h,currency,date\n"
        "a,good,h100,8,20,usd,2026-11-01\n"
        "a,no power,Inferentia2,1,0.76,USD,\n"
        "a,no rate,H100,8,20,XAU,\n"
        "a,text,H100,8,many,USD,\n"
        "a,day,H100,8,20,USD,soon\n"
        "a,good,h100,8,19,usd,2026-11-01\n"
    )
    read = import_offers(write(tmp_path, "list.csv", rows), CATALOG)
    assert [row["accelerator"] for row in read.rows] == ["H100 80GB SXM5"]
    assert read.rows[0]["price_per_h"] == 19  # the cheaper of two of one key
    reasons = [reason for _, reason in read.rejected]
    assert "no power figure is published for Inferentia2" in reasons[0]
    assert "no exchange rate for XAU" in reasons[1]
    assert "price_per_h is not a number: 'many'" in reasons[2]
    assert "'soon' is not a day" in reasons[3]
    overlay = tmp_path / "offers-read.csv"
    overlay.write_text(to_csv(read.rows))
    assert load([overlay]).offer("a/good/unspecified").usd_per_h == 19


def test_the_instance_names_the_form(tmp_path: Path) -> None:
    rows = (
        "instance_name,location,price,gpu_count,gpu_name,gpu_memory,spot\n"
        "gpu_1x_h100_pcie,us,2.86,1,H100,80,False\ngpu_1x_a100,us,1.29,1,A100,40,False\n"
    )
    read = import_offers(write(tmp_path, "l.csv", rows), CATALOG, provider="lambda")
    assert [row["accelerator"] for row in read.rows] == ["H100 80GB PCIe", "A100 40GB SXM4"]


def test_skypilot_calls_the_40_gb_board_a100(tmp_path: Path) -> None:
    rows = "InstanceType,AcceleratorName,AcceleratorCount,Price,Region\np4d,A100,8,21.957,us\n"
    read = import_offers(write(tmp_path, "vms.csv", rows), CATALOG, provider="aws")
    assert read.rows[0]["accelerator"] == "A100 40GB SXM4"


def test_a_row_that_the_overlay_would_refuse_costs_itself_only(tmp_path: Path) -> None:
    head = "provider,instance_type,accelerator,node_accelerators,price_per_h,terms\n"
    rows = (
        "a,good,H100,8,20,on_demand\n"
        "a,terms,H100,8,20,whenever\n"
        "a,price,H100,8,1e400,on_demand\n"
        "a,count,H100,99999,20,on_demand\n"
    )
    read = import_offers(write(tmp_path, "list.csv", head + rows), CATALOG)
    assert [row["instance_type"] for row in read.rows] == ["good"]
    assert [(row, reason.split(":")[0]) for row, reason in read.rejected] == [
        (3, "terms"), (4, "price_per_h"), (5, "node_accelerators"),
    ]  # fmt: skip
    overlay = tmp_path / "offers-read.csv"
    overlay.write_text(to_csv(read.rows))
    assert "a/good/unspecified" in load([overlay]).offers


def test_a_day_on_the_command_line_is_one(tmp_path: Path) -> None:
    path = write(tmp_path, "list.csv", "provider,instance_type,node_accelerators,price_per_h\n")
    with pytest.raises(CatalogError, match=r"--date: 'x' is not a day"):
        import_offers(path, CATALOG, date="x")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without an end")
def test_a_file_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(CatalogError, match="/dev/zero: is larger than 100 MB"):
        import_offers("/dev/zero", CATALOG)
