"""Overlays: stacking, derived columns, spellings of text files. Bad ones: test_bad_overlays."""

from pathlib import Path

import pytest
from overlay_files import OWN, write

import catalog
from catalog import CatalogError


def test_own_hardware(tmp_path: Path) -> None:
    text = (
        "provider,instance_type,accelerator,node_accelerators,price_per_h,terms,stock\n"
        "us,hgx-1,h100 80gb sxm5,8,9.5,owned,4\n"
    )
    loaded = catalog.load([write(tmp_path, "offers.csv", text)])
    offer = loaded.offer("us/hgx-1/unspecified/owned")
    assert (offer.usd_per_h, offer.stock, offer.accelerator) == (9.5, 4, "H100 80GB SXM5")
    assert offer.default
    assert offer in loaded.default_offers()
    assert offer.nameplate_power_w == 10_200
    assert offer.source == "overlay offers.csv"


def test_a_row_changes_only_what_it_fills(tmp_path: Path) -> None:
    shipped = catalog.load().offer("aws/p5.48xlarge/us-east-1")
    text = "provider,instance_type,region,price_per_h\naws,p5.48xlarge,us-east-1,20\n"
    file = write(tmp_path, "offers.csv", text)
    changed = catalog.load([file]).offer("aws/p5.48xlarge/us-east-1")
    assert changed.usd_per_h == 20
    assert changed.accelerator == shipped.accelerator
    assert changed.network_gb_per_s == shipped.network_gb_per_s


def test_later_overlays_win_and_the_origin_is_kept(tmp_path: Path) -> None:
    low = write(tmp_path, "offers-low.csv", OWN)
    high = write(tmp_path, "offers-high.csv", OWN.replace("9.5", "7"))
    loaded = catalog.load([low, high])
    assert loaded.offer("us/hgx-1/unspecified").usd_per_h == 7
    key = ("us", "hgx-1", "unspecified", "on_demand")
    assert loaded.origins["offers", key] == (str(low), str(high))
    assert loaded.origins["accelerators", ("t4",)] == ("accelerators.csv",)


def test_hypothetical_accelerator_and_an_offer_of_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        "accelerators.csv",
        "name,vendor,architecture,form,memory_gb,memory_bandwidth_gb_per_s,fp8_tflops,tdp_w\n"
        "Dream 1,NVIDIA,Hopper,SXM,500,20000,9000,1500\n",
    )
    write(tmp_path, "offers.csv", OWN.replace("H100 80GB SXM5", "dream 1"))
    loaded = catalog.load([tmp_path])
    assert loaded.accelerator("Dream 1").memory_gb == 500
    offer = loaded.offer("us/hgx-1/unspecified")
    assert offer.nameplate_power_w == pytest.approx(1.8 * 1500 * 8)
    assert loaded.support("vllm", "Dream 1", "fp8").mode == "native"  # by its architecture


def test_other_currency_with_a_dated_rate(tmp_path: Path) -> None:
    offers = (
        "provider,instance_type,accelerator,node_accelerators,price_per_h,currency\n"
        "ovh,h100-380,H100 80GB PCIe,1,2.8,XAU\n"
    )
    write(tmp_path, "offers.csv", offers)
    with pytest.raises(CatalogError, match="no exchange rate for XAU; add a dated row"):
        catalog.load([tmp_path])
    rates = "currency,usd_per_unit,date,source\nXAU,1.25,2026-11-01,my bank\n"
    write(tmp_path, "exchange_rates.csv", rates)
    assert catalog.load([tmp_path]).offer("ovh/h100-380/unspecified").usd_per_h == 3.5


def test_a_shipped_currency() -> None:
    loaded = catalog.load()
    # 827.55 yuan for 100 EUR, 698.58 for 100 USD
    assert loaded.exchange_rates["EUR"].usd_per_unit == pytest.approx(827.55 / 698.58, rel=1e-5)
    china = [offer for offer in loaded.offers.values() if offer.currency == "CNY"]
    assert china
    assert all(o.usd_per_h == pytest.approx(o.price_per_h / 6.9858, rel=1e-4) for o in china)


def test_yaml(tmp_path: Path) -> None:
    text = """
    offers:
      - {provider: us, instance_type: hgx-1, accelerator: L4, node_accelerators: 1,
         price_per_h: 0.3, terms: owned, stock: 12}
    """
    file = write(tmp_path, "mine.yaml", text)
    assert catalog.load([file]).offer("us/hgx-1/unspecified/owned").stock == 12


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bom and crlf", "\ufeff" + OWN.replace("\n", "\r\n")),
        ("semicolons and decimal commas", OWN.replace(",", ";").replace("9.5", "9,5")),
        ("tabs", OWN.replace(",", "\t")),
        ("thousands", OWN.replace(",", ";").replace("9.5", "0.009,5")),
        ("blank lines", OWN + "\n,,,,\n\n"),
        ("quotes", OWN.replace("hgx-1", '"hgx-1"')),
        ("short row", OWN.replace("price_per_h", "price_per_h,zone")),
    ],
)
def test_spellings_of_the_same_table(tmp_path: Path, name: str, text: str) -> None:
    loaded = catalog.load([write(tmp_path, "offers.csv", text)])
    assert loaded.offer("us/hgx-1/unspecified").usd_per_h == 9.5, name


def test_the_same_bytes_are_loaded_once_and_never_stale(tmp_path: Path) -> None:
    file = write(tmp_path, "offers.csv", OWN)
    first = catalog.load([file])
    assert catalog.load([file]) is first
    write(tmp_path, "offers.csv", OWN.replace("9.5", "8.5"))  # the same size
    second = catalog.load([file])
    assert second.offer("us/hgx-1/unspecified").usd_per_h == 8.5
    assert second.sha256 != first.sha256
    assert catalog.load().sha256 != first.sha256


def test_a_price_of_the_user_is_a_quote_of_today(tmp_path: Path) -> None:
    undated = catalog.load().offer("gcp/a3-megagpu-8g/us-central1")
    assert not undated.default
    text = "provider,instance_type,region,price_per_h\ngcp,a3-megagpu-8g,us-central1,60\n"
    mine = catalog.load([write(tmp_path, "offers.csv", text)]).offer(undated.name)
    assert (mine.kind, mine.default, mine.date) == ("quote", True, None)
    assert mine.source == "overlay offers.csv"
