"""Calibration folders that cannot be used: one sentence that names table, line and column."""

import csv
import shutil

import pytest

from catalog.calibration import FOLDER, load_calibration


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "own")


def rewrite(path, change):
    """Change every row of a table; rows for which `change` gives None go."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = [changed for row in reader if (changed := change(row)) is not None]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("step_constants.csv", "bandwidth_share", "nan"),
        ("step_constants.csv", "bandwidth_share", "-0.5"),
        ("step_constants.csv", "compute_share", "0"),
        ("step_constants.csv", "layer_s", "-1"),
        ("step_constants.csv", "collective_scale", "1e300"),
        ("architectures.csv", "bandwidth_factor", "0"),
        ("deviations.csv", "overhead_factor", "inf"),
        ("collectives.csv", "bandwidth_gb_per_s", "0"),
        ("errors.csv", "log_standard_deviation", "-1"),
    ],
)
def test_constants_that_no_time_can_be_made_of(folder, table, column, value):
    rewrite(folder / table, lambda row: {**row, column: value})
    with pytest.raises(ValueError, match=f"{table} line 2, {column}: "):
        load_calibration(folder)


def test_ends_of_an_interval_in_the_wrong_order(folder):
    rewrite(folder / "errors.csv", lambda row: {**row, "low": "0.5", "high": "-0.5"})
    with pytest.raises(ValueError, match=r"^errors.csv line 2: low 0.5 is above high -0.5$"):
        load_calibration(folder)


@pytest.mark.parametrize(
    ("table", "keep", "missing"),
    [
        ("step_constants.csv", lambda row: row["kind"] == "dense", r"engine \*, kind moe"),
        ("step_constants.csv", lambda row: row["engine"] != "*", r"engine \*, kind dense"),
        ("errors.csv", lambda row: row["basis"] != "roofline", "basis roofline, kind tpot"),
        ("errors.csv", lambda row: False, "basis calibrated, kind tpot"),
    ],
)
def test_rows_that_every_plan_needs(folder, table, keep, missing):
    rewrite(folder / table, lambda row: row if keep(row) else None)
    with pytest.raises(ValueError, match=f"{table} has no row of {missing}"):
        load_calibration(folder)


def test_one_row_for_each_group(folder):
    """What lies beyond the largest group follows from the last two, which must differ."""
    rewrite(
        folder / "collectives.csv",
        lambda row: {**row, "count": "8"} if row["accelerators"] == "H100 80GB SXM5" else row,
    )
    with pytest.raises(ValueError, match=r"collectives\.csv has 3 rows of 8 H100 80GB SXM5"):
        load_calibration(folder)


def test_a_table_that_is_no_text(folder):
    (folder / "spread.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"spread\.csv is not UTF-8 text"):
        load_calibration(folder)


def test_what_a_spreadsheet_writes_before_the_columns_is_no_column(folder):
    path = folder / "step_constants.csv"
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert load_calibration(folder) == load_calibration()
