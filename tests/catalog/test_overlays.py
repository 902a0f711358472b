"""Overlays: stacking, derived columns, spellings of text files, and every kind of bad input."""

import time
from pathlib import Path

import pytest

import catalog
from catalog import CatalogError

HEADER = "provider,instance_type,accelerator,node_accelerators,price_per_h\n"
OWN = HEADER + "us,hgx-1,H100 80GB SXM5,8,9.5\n"


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


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
