"""Own nodes without a price cost what it takes to run them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import CatalogError, load
from catalog.export import to_csv
from catalog.running_cost import running_cost_per_h

HEADER = "provider,instance_type,accelerator,node_accelerators,terms,"
NODE = "us,hgx-1,H100 80GB SXM5,8,owned,"
NAME = "us/hgx-1/unspecified/owned"


def overlay(folder: Path, columns: str, cells: str, name: str = "offers-own.csv") -> Path:
    """An overlay of one own node of 8 H100."""
    file = folder / name
    file.write_text(f"{HEADER}{columns}\n{NODE}{cells}\n")
    return file


def test_by_hand() -> None:
    # 10.2 kW * 1.3 = 13.26 kW; * 0.12 = 1.5912 per hour; + 5 amortisation
    assert running_cost_per_h(power_w=10_200, pue=1.3, electricity_per_kwh=0.12) == pytest.approx(
        1.5912
    )
    with_hardware = running_cost_per_h(
        power_w=10_200, pue=1.3, electricity_per_kwh=0.12, amortisation_per_h=5
    )
    assert with_hardware == pytest.approx(6.5912)


@given(st.floats(0, 2e5), st.floats(1, 3), st.floats(0.01, 2), st.floats(0, 100))
def test_monotone_and_limits(power_w: float, pue: float, price: float, paid: float) -> None:
    cost = running_cost_per_h(
        power_w=power_w, pue=pue, electricity_per_kwh=price, amortisation_per_h=paid
    )
    assert cost >= paid
    assert cost <= running_cost_per_h(
        power_w=power_w + 1, pue=pue, electricity_per_kwh=price, amortisation_per_h=paid
    )
    idle = running_cost_per_h(power_w=0, pue=pue, electricity_per_kwh=price)
    assert idle == 0


def test_an_own_node_costs_what_it_takes_to_run_it(tmp_path: Path) -> None:
    offer = load([overlay(tmp_path, "electricity_per_kwh,pue", "0.12,1.3")]).offer(NAME)
    assert offer.usd_per_h == pytest.approx(1.5912)  # nameplate of a DGX H100: 10.2 kW
    assert offer.price_basis == "running cost: 10.2 kW x PUE 1.3 x 0.12 per kWh + 0"
    assert offer.default


def test_only_electricity_is_known(tmp_path: Path) -> None:
    offer = load([overlay(tmp_path, "electricity_per_kwh", "0.10")]).offer(NAME)
    assert offer.usd_per_h == pytest.approx(10.2 * 1.56 * 0.10)  # world average PUE of 2024


def test_typical_power_and_currency(tmp_path: Path) -> None:
    columns = "electricity_per_kwh,pue,amortisation_per_h,typical_power_w,currency"
    loaded = load([overlay(tmp_path, columns, "0.2,1,3,6000,EUR")])
    euros = 6 * 0.2 + 3  # 4.20 EUR
    rate = loaded.exchange_rates["EUR"].usd_per_unit
    assert loaded.offer(NAME).usd_per_h == pytest.approx(euros * rate)


def test_a_later_file_changes_one_of_the_figures(tmp_path: Path) -> None:
    low = overlay(tmp_path, "electricity_per_kwh,pue", "0.12,1.3")
    high = overlay(tmp_path, "electricity_per_kwh", "0.24", "offers-high.csv")
    assert load([low, high]).offer(NAME).usd_per_h == pytest.approx(2 * 1.5912)
    stated = overlay(tmp_path, "price_per_h", "9", "offers-stated.csv")
    offer = load([low, high, stated]).offer(NAME)
    assert (offer.usd_per_h, offer.electricity_per_kwh, offer.price_basis) == (9, None, "stated")


def test_an_export_is_read_again(tmp_path: Path) -> None:
    first = load([overlay(tmp_path, "electricity_per_kwh", "0.12")]).offer(NAME)
    again = tmp_path / "offers-again.csv"
    again.write_text(to_csv([first]))
    assert load([again]).offer(NAME).usd_per_h == first.usd_per_h


@pytest.mark.parametrize(
    ("columns", "cells", "message"),
    [
        ("stock", "4", "column price_per_h: is missing; an own node has a price_per_h, or elec"),
        ("pue", "1.2", "column price_per_h: is missing"),
        ("price_per_h,pue", "9,1.2", "column pue: and price_per_h both say"),
        ("electricity_per_kwh", "cheap", "column electricity_per_kwh: 'cheap'"),
        ("electricity_per_kwh,pue", "0.1,0.9", "column pue: '0.9'"),
        ("electricity_per_kwh", "-0.1", "column electricity_per_kwh: '-0.1'"),
    ],
)
def test_bad_rows(tmp_path: Path, columns: str, cells: str, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        load([overlay(tmp_path, columns, cells)])
    assert message in str(caught.value)
    assert "row 2" in str(caught.value)


def test_electricity_of_a_rented_node(tmp_path: Path) -> None:
    file = tmp_path / "offers-x.csv"
    file.write_text(
        "provider,instance_type,accelerator,node_accelerators,price_per_h,electricity_per_kwh\n"
        "aws,x,H100,8,20,0.1\n"
    )
    with pytest.raises(CatalogError, match="own hardware only"):
        load([file])
