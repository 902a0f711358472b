"""Every kind of bad overlay: one sentence with file, row, column and what would be right."""

import time
from pathlib import Path

import pytest
from overlay_files import HEADER, OWN, write

import catalog
from catalog import CatalogError

BAD_ROWS = {
    "text in a number": (OWN.replace("9.5", "cheap"), "row 2, column price_per_h: 'cheap'"),
    "negative price": (OWN.replace("9.5", "-1"), "row 2, column price_per_h: '-1'"),
    "endless stock": (
        OWN.replace("price_per_h", "price_per_h,stock").replace("9.5", f"9.5,{10**20}"),
        "row 2, column stock",
    ),
    "endless network": (
        OWN.replace("price_per_h", "price_per_h,network_gb_per_s").replace("9.5", "9.5,1e300"),
        "input should be less than or equal to 1000000000000",
    ),
    "endless power": (
        OWN.replace("price_per_h", "price_per_h,nameplate_power_w").replace("9.5", "9.5,1e300"),
        "offers.nameplate_power_w is a number",
    ),
    "endless node": (
        OWN.replace(",8,", ",100000,"),
        "offers.node_accelerators is a whole number",
    ),
    "endless price": (
        OWN.replace("9.5", "1e300"),
        "row 2, column price_per_h: 1e+300 dollars per hour is more than any node costs; write at",
    ),
    "not a number": (OWN.replace("9.5", "nan"), "row 2, column price_per_h"),
    "infinite": (OWN.replace("9.5", "inf"), "row 2, column price_per_h"),
    "no accelerators": (OWN.replace(",8,", ",0,"), "row 2, column node_accelerators"),
    "half an accelerator": (OWN.replace(",8,", ",0.5,"), "row 2, column node_accelerators"),
    "missing accelerator": (
        OWN.replace("H100 80GB SXM5", ""),
        "row 2, column accelerator: is missing",
    ),
    "missing cell": (OWN.replace("9.5", ""), "row 2, column price_per_h: is missing"),
    "missing column": (
        "provider,instance_type,accelerator,price_per_h\nus,a,L4,1\n",
        "row 2, column node_accelerators: is missing",
    ),
    "unknown accelerator": (
        OWN.replace("H100 80GB SXM5", "H100 80GB SXM6"),
        "row 2, column accelerator: unknown accelerator 'H100 80GB SXM6'; did you mean H100",
    ),
    "two rows with one key": (OWN + "us,hgx-1,L4,1,0.5\n", "row 3: has the same provider"),
    "unknown column": (
        OWN.replace("price_per_h", "price_per_h,gpus").replace("9.5", "9.5,3"),
        "column gpus: is not a column of offers",
    ),
    "misspelt column": (OWN.replace("price_per_h", "price_per_hour"), "did you mean price_per_h"),
    "too many cells": (OWN.replace("9.5", "9,5"), "row 2: has 6 cells, the header 5; quote"),
    "terms": (
        OWN.replace("price_per_h", "price_per_h,terms").replace("9.5", "9.5,forever"),
        "column terms: 'forever'",
    ),
    "date": (
        OWN.replace("price_per_h", "price_per_h,date").replace("9.5", "9.5,31.12.2026"),
        "column date: '31.12.2026'",
    ),
    "column twice": (OWN.replace("provider,", "provider,provider,"), "column provider: occurs"),
    "nameless column": ("provider,,x\na,b,c\n", "row 1: a column has no name"),
    "open quote": (OWN.replace("hgx-1", '"hgx-1'), "unexpected end of data"),
    "empty": ("", "is empty; the first line names the columns"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_bad_rows_name_file_row_and_column(tmp_path: Path, case: str) -> None:
    text, message = BAD_ROWS[case]
    file = write(tmp_path, "offers.csv", text)
    with pytest.raises(CatalogError) as caught:
        catalog.load([file])
    assert str(file) in str(caught.value)
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_bad_row_leaves_nothing_half_applied(tmp_path: Path) -> None:
    before = catalog.load()
    good = write(tmp_path, "offers.csv", OWN)
    bad = write(tmp_path, "models.csv", "id,layers\nmy-model,many\n")
    with pytest.raises(CatalogError):
        catalog.load([good, bad])
    after = catalog.load()
    assert after.sha256 == before.sha256
    assert "us/hgx-1/unspecified" not in after.offers


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("prices.csv", OWN, "its name is not that of a table"),
        ("offer.csv", OWN, "did you mean offers"),
        ("mine.yaml", "offers: [", "is not YAML"),
        ("mine.yaml", "- 1\n- 2\n", "is not a mapping from table to rows"),
        ("mine.yaml", "offer: []", "unknown table 'offer'; did you mean offers"),
        ("mine.yaml", "offers: 3", "offers is not a list of rows"),
        ("mine.yaml", "offers: [3]", "row 1, column offers: is not a mapping"),
        ("mine.yaml", "offers: !!python/object/apply:os.system ['true']", "is not YAML"),
        ("mine.yaml", "[" * 50_000, "is nested too deeply"),
        ("mine.yaml", "offers: [{provider: x, date: 2026-13-45}]", "month must be in 1..12"),
        ("mine.yaml", "offers: [{price_per_h: " + "9" * 5000 + "}]", "is not YAML"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(CatalogError, match="(?s)" + message.replace("[", r"\[")):
        catalog.load([write(tmp_path, name, text)])


def test_a_bad_price_is_one_mistake_and_a_near_name_is_offered(tmp_path: Path) -> None:
    header = "provider,instance_type,accelerator,node_accelerators,price_per_h\n"
    for row, said in (
        ("a,b,H100,8,-3\n", "'-3': input should be greater than or equal to 0; offers"),
        ("a,b,H100,8,much\n", "to parse string as a number; offers"),
        ("a,b,H100,8,\n", "price_per_h: is missing; offers"),
        ("a,b,H1000,8,3\n", "unknown accelerator 'H1000'; did you mean H100"),
    ):
        with pytest.raises(CatalogError) as caught:
            catalog.load([write(tmp_path, "offers.csv", header + row)])
        assert said in str(caught.value)
    with pytest.raises(CatalogError, match=r"is neither \.csv nor \.yaml"):
        catalog.load([write(tmp_path, "offers.json", "[]")])


def test_not_utf8_missing_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="is not UTF-8; save the file as UTF-8"):
        catalog.load([write(tmp_path, "offers.csv", OWN.replace("us,", "dü,"), "latin-1")])
    with pytest.raises(CatalogError, match="no such file or folder"):
        catalog.load([tmp_path / "nothing.csv"])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CatalogError, match="holds no"):
        catalog.load([empty])


def test_a_million_rows_are_refused_quickly(tmp_path: Path) -> None:
    lines = (f"us,node-{number},L4,1,0.5\n" for number in range(1_000_000))
    file = write(tmp_path, "offers.csv", HEADER + "".join(lines))
    started = time.monotonic()
    with pytest.raises(CatalogError, match="has more than 200,000 rows"):
        catalog.load([file])
    assert time.monotonic() - started < 20
