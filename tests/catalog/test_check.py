"""`catalog check`: clean as shipped, and it finds each kind of planted mistake."""

import datetime
from pathlib import Path

import pytest

import catalog
from catalog.check import check

OFFER = "provider,instance_type,accelerator,node_accelerators,price_per_h,terms\n"
ACCELERATOR = (
    "name,vendor,architecture,form,memory_gb,memory_bandwidth_gb_per_s,"
    "bf16_tflops,fp8_tflops,tdp_w,aliases,scale_up_domain\n"
)


def test_the_shipped_catalogue_is_clean() -> None:
    findings = check(catalog.load())
    assert [str(finding) for finding in findings if finding.severity == "error"] == []


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("offers", OFFER + "us,a,T4,1,500,on_demand\n", "500.000 USD per accelerator-hour"),
        ("offers", OFFER + "us,a,T4,1,15,on_demand\n", "the median of T4"),
        (
            "accelerators",
            ACCELERATOR + "X,NVIDIA,Hopper,SXM,80,3000,1000,500,700,,1\n",
            "500 is below bf16_tflops 1000",
        ),
        (
            "accelerators",
            ACCELERATOR + "X,NVIDIA,Hopper,SXM,80000,3000,1000,2000,700,,1\n",
            "80000 is outside",
        ),
        (
            "accelerators",
            ACCELERATOR + "X,NVIDIA,Hopper,SXM,80,3000,10000,20000,700,,1\n",
            "FLOP per byte",
        ),
        (
            "accelerators",
            ACCELERATOR + "X,NVIDIA,Hopper,SXM,80,3000,1000,2000,9000,,1\n",
            "9000 is outside",
        ),
        (
            "accelerators",
            ACCELERATOR + "X,NVIDIA,Hopper,SXM,80,3000,1000,2000,700,T4,1\n",
            "names 2 accelerators",
        ),
        (
            "accelerators",
            ACCELERATOR + "X,NVIDIA,Hopper,SXM,80,3000,1000,2000,700,,8\n",
            "needs its link rate",
        ),
        ("models", "id,layers\nQwen/Qwen3-8B,99\n", "from the architecture"),
        ("models", "id,native_precision\nQwen/Qwen3-8B,fp3\n", "unknown: fp3"),
        ("models", "id,kv_heads\nQwen/Qwen3-8B,7\n", "does not divide"),
        ("models", "id,aliases\nQwen/Qwen3-8B,70b\n", "names 2 models"),
        (
            "support",
            "engine,architecture,precision,mode,compute_format\nvllm,Hoper,fp8,native,fp8\n",
            "no accelerator has it: Hoper",
        ),
        (
            "support",
            "engine,architecture,precision,mode,compute_format\nvllm,Turing,fp8,native,fp8\n",
            "no Turing states fp8_tflops",
        ),
        (
            "quality_losses",
            "precision,family,method,broad,loss_pct,benchmark\nfp3,x,y,true,1,z\n",
            "unknown: fp3",
        ),
        ("chassis", "name,nameplate_power_w\nDGX H100,900\n", "below that of its accelerators"),
        (
            "workloads",
            "name,file,burstiness,description,licence\na,nothing.csv,1,x,y\n",
            "cannot be read",
        ),
    ],
)
def test_planted_mistakes_are_found(tmp_path: Path, table: str, text: str, message: str) -> None:
    file = tmp_path / f"{table}.csv"
    file.write_text(text)
    findings = check(catalog.load([file]))
    assert any(message in str(finding) for finding in findings), findings


def test_prices_go_stale_with_the_calendar() -> None:
    loaded = catalog.load()
    assert loaded.warnings(loaded.as_of) == []
    later = loaded.as_of + datetime.timedelta(days=3 * 366)
    dated = sum(offer.default for offer in loaded.offers.values())  # of all terms
    assert f"{dated} default prices" in loaded.warnings(later)[0]


def test_exchange_rates_go_stale_with_the_calendar() -> None:
    loaded = catalog.load()
    later = loaded.as_of + datetime.timedelta(days=3 * 366)
    rate = loaded.exchange_rates["CNY"]  # of the Chinese regions of a cloud
    assert f"the exchange rate of CNY is of {rate.date}" in loaded.warnings(later)[-1]


def test_a_price_may_be_younger_than_the_catalogue_and_not_of_tomorrow(tmp_path: Path) -> None:
    today = catalog.load().as_of + datetime.timedelta(days=30)
    file = tmp_path / "offers-x.csv"
    file.write_text(
        "provider,instance_type,accelerator,node_accelerators,price_per_h,kind,date\n"
        f"acme,h100,H100,8,20,list,{today}\n"
    )
    loaded = catalog.load([file])
    assert loaded.offer("acme/h100/unspecified").default
    assert check(loaded, today) == []
    found = check(loaded, today - datetime.timedelta(days=1))
    assert [finding.column for finding in found] == ["date"]
