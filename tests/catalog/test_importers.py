"""Importing foreign price lists: formats, spellings, rejections, slow addresses."""

import datetime
import http.server
import io
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import catalog
from catalog import CatalogError
from catalog.importers import import_offers
from catalog.importers.cells import currency, hours, number
from catalog.importers.fetch import fetch_text
from catalog.importers.live import live_rows

CATALOG = catalog.load()
GPUHUNT = (
    "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot\n"
    "gpu_8x_h100,us-west,23.92,208,1800,8,H100,80,False\n"
    "gpu_8x_h100,us-west,11.5,208,1800,8,H100,80,True\n"
    "cpu_4x,us-west,0.2,4,16,0,,,False\n"
    "gpu_1x_x,us-west,1,4,16,1,X900,40,False\n"
)
SKYPILOT = (
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,"
    "Region,AvailabilityZone\n"
    "p5.48xlarge,H100,8,192,2048,\"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}\","
    "98.32,40.1,us-east-1,us-east-1a\n"
    "p5.48xlarge,H100,8,192,2048,\"{'Gpus': [{'MemoryInfo': {'SizeInMiB': 81920}}]}\","
    "98.32,38.4,us-east-1,us-east-1b\n"
    ",tpu-v5litepod-8,8,,,,700.0,,us-central1,a\n"
)
QUOTES = (
    "Supplier;Server;GPU;GPU count;Price per month;Stock\n"
    "Hetz;GEX-1;L40S;4;€2.900,00;3\n"
    "Hetz;GEX-2;RTX 6000 Ada;1;889 €;x\n"
    "Hetz;GEX-3;L40S;none;889 €;x\n"
)


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_gpuhunt(tmp_path: Path) -> None:
    read = import_offers(write(tmp_path, "lambda.csv", GPUHUNT), CATALOG, provider="lambdalabs")
    assert read.format == "gpuhunt"
    assert [(row["terms"], row["price_per_h"]) for row in read.rows] == [
        ("on_demand", 23.92),
        ("spot", 11.5),
    ]
    assert {row["accelerator"] for row in read.rows} == {"H100 80GB SXM5"}
    assert [(item.row, item.reason) for item in read.rejected] == [
        (4, "no accelerator"),
        (5, "unknown accelerator 'X900'"),
    ]


def test_skypilot_keeps_the_cheapest_zone(tmp_path: Path) -> None:
    read = import_offers(write(tmp_path, "vms.csv", SKYPILOT), CATALOG, provider="aws")
    assert read.format == "skypilot"
    assert [(row["terms"], row["price_per_h"]) for row in read.rows] == [
        ("on_demand", 98.32),
        ("spot", 38.4),
    ]
    assert len(read.rejected) == 1


def test_quotes_with_decimal_commas(tmp_path: Path) -> None:
    read = import_offers(write(tmp_path, "quotes.csv", QUOTES), CATALOG, date="2026-11-01")
    assert read.format == "quotes"
    first, second = read.rows
    assert first["price_per_h"] == pytest.approx(2900 / 730)
    assert (first["currency"], first["stock"], first["node_accelerators"]) == ("EUR", 3, 4)
    assert (second["accelerator"], second["date"]) == ("RTX 6000 Ada", "2026-11-01")
    assert read.rejected[0].reason == "the number of GPUs is 'none'"


def test_a_price_per_gpu_is_for_one_of_them(tmp_path: Path) -> None:
    text = "gpu,gpus,price\nB200,8,$3.50/gpu-h\n"
    read = import_offers(write(tmp_path, "q.csv", text), CATALOG)
    assert read.rows[0]["price_per_h"] == pytest.approx(28)


def test_price_list_and_own_columns(tmp_path: Path) -> None:
    text = (
        "provider,instance_type,region,gpu,gpu_mem_gb,node_accelerators,network_gbps,"
        "ondemand_per_h,reserved_1yr_per_h\nx,a,eu,A100,80,8,1600,20,12\n"
    )
    read = import_offers(write(tmp_path, "list.csv", text), CATALOG)
    assert [row["terms"] for row in read.rows] == ["on_demand", "reserved_1yr"]
    assert read.rows[0]["network_gb_per_s"] == 200
    own = "provider,instance_type,accelerator,node_accelerators,price_per_h\nx,a,L4,1,0.5\n"
    assert import_offers(write(tmp_path, "own.csv", own), CATALOG).format == "offers"


def test_imported_rows_load_as_an_overlay(tmp_path: Path) -> None:
    import csv

    read = import_offers(write(tmp_path, "x.csv", GPUHUNT), CATALOG, provider="lambdalabs")
    columns = list(dict.fromkeys(name for row in read.rows for name in row))
    with (tmp_path / "offers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(read.rows)
    offer = catalog.load([tmp_path / "offers.csv"]).offer("lambdalabs/gpu_8x_h100/us-west")
    assert offer.usd_per_h == 23.92


def xlsx(rows: list[list[str]]) -> bytes:
    """A workbook as spreadsheet programs write it: shared strings and numbers."""
    strings = sorted({cell for row in rows for cell in row if not cell.replace(".", "").isdigit()})
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    body = ""
    for number_, row in enumerate(rows, 1):
        body += f'<row r="{number_}">'
        for column, cell in zip("ABCDEFG", row, strict=False):
            if cell in strings:
                body += f'<c r="{column}{number_}" t="s"><v>{strings.index(cell)}</v></c>'
            elif cell:
                body += f'<c r="{column}{number_}"><v>{cell}</v></c>'
        body += "</row>"
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        texts = "".join(f"<si><t>{text}</t></si>" for text in strings)
        archive.writestr("xl/sharedStrings.xml", f"<sst {space}>{texts}</sst>")
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {space}><sheetData>{body}</sheetData></worksheet>",
        )
    return memory.getvalue()


def test_xlsx(tmp_path: Path) -> None:
    file = tmp_path / "quotes.xlsx"
    file.write_bytes(xlsx([["GPU", "Count", "$/h"], ["H200", "8", "25.5"], ["", "", ""]]))
    read = import_offers(str(file), CATALOG)
    assert read.rows[0]["price_per_h"] == 25.5
    assert read.rows[0]["accelerator"] == "H200 141GB SXM5"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"provider,price\n"])
def test_not_an_xlsx(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "quotes.xlsx"
    file.write_bytes(content)
    with pytest.raises(CatalogError, match="is not an XLSX file"):
        import_offers(str(file), CATALOG)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,900", 1900), ("1.900,50", 1900.5), ("1,234.5", 1234.5), ("2,49 €", 2.49), ("$3.5/h", 3.5)],
)
def test_numbers_as_people_write_them(text: str, value: float) -> None:
    assert number({"x": text}, "x") == value


def test_currency_and_period() -> None:
    assert (currency("€900/month"), hours("€900/month")) == ("EUR", 730)
    assert (currency("2.49"), hours("2.49")) == (None, None)


def test_nothing_usable(tmp_path: Path) -> None:
    text = "colour,size\nred,3\n"
    with pytest.raises(CatalogError, match="no row can be used; the first: no column says which"):
        import_offers(write(tmp_path, "x.csv", text), CATALOG)
    with pytest.raises(CatalogError, match="holds no rows"):
        import_offers(write(tmp_path, "y.csv", "gpu,price\n"), CATALOG)


def test_live_prices_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpuhunt", None)
    with pytest.raises(CatalogError, match=r"\[prices\]"):
        import_offers("live:aws", CATALOG)


class Hunt:
    """A stand-in for gpuhunt: answers, fails or hangs."""

    def __init__(self, behaviour: str) -> None:
        self.behaviour = behaviour

    def query(self, *, provider: list[str], min_gpu_count: int) -> list[object]:
        if self.behaviour == "hangs":
            time.sleep(2)
        if self.behaviour == "fails":
            raise OSError("no route to host")
        shared = {"provider": provider[0], "instance_name": "g6.xlarge", "location": "us-east-1"}
        priced = {"price": 0.8, "gpu_count": 1, "gpu_name": "L4", "gpu_memory": 24.0, "spot": False}
        return [SimpleNamespace(**shared, **priced)]


def test_live_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpuhunt", Hunt("answers"))
    read = import_offers("live:aws", CATALOG)
    assert (read.rows[0]["provider"], read.rows[0]["price_per_h"]) == ("aws", 0.8)
    assert read.rows[0]["accelerator"] == "L4"
    assert read.rows[0]["date"] == datetime.date.today().isoformat()


def test_live_prices_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpuhunt", Hunt("fails"))
    with pytest.raises(CatalogError, match="no route to host; check the network"):
        import_offers("live:aws", CATALOG)
    monkeypatch.setitem(sys.modules, "gpuhunt", Hunt("hangs"))
    with pytest.raises(CatalogError, match=r"did not answer within 0\.2 s"):
        list(live_rows("aws", deadline_s=0.2))


class Slow(http.server.BaseHTTPRequestHandler):
    """Answers /csv, drips /slow, and never answers anything else."""

    def do_GET(self) -> None:
        if self.path == "/hang":
            time.sleep(3)
            return
        self.send_response(200)
        self.end_headers()
        for _ in range(1 if self.path == "/csv" else 30):
            self.wfile.write(b"gpu,price\nL4,0.5\n")
            self.wfile.flush()
            if self.path == "/slow":
                time.sleep(0.1)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    listener.daemon_threads = True
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}"
    listener.shutdown()


def test_an_address(server: str) -> None:
    assert import_offers(f"{server}/csv", CATALOG).rows[0]["accelerator"] == "L4"


def test_an_address_that_hangs(server: str) -> None:
    started = time.monotonic()
    with pytest.raises(CatalogError, match=r"did not answer within 0\.3 s; try again later"):
        fetch_text(f"{server}/hang", timeout_s=0.3)
    with pytest.raises(CatalogError, match="did not answer within"):
        fetch_text(f"{server}/slow", timeout_s=5, deadline_s=0.5)
    assert time.monotonic() - started < 3


def test_addresses_that_are_none() -> None:
    with pytest.raises(CatalogError, match="not an http"):
        fetch_text("file:///etc/passwd")
    with pytest.raises(CatalogError, match="cannot be fetched"):
        fetch_text("http://127.0.0.1:9/x", timeout_s=1)
