"""`recommend catalog` and `recommend models`, called as the command line calls them."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from catalog import CatalogError
from catalog.filters import Filters, select_offers
from recommender.commands import catalog_command, models_command

GROUP = click.Group(commands={"catalog": catalog_command.command, "models": models_command.command})
OVERLAY = (
    "provider,instance_type,accelerator,node_accelerators,price_per_h,terms\n"
    "us,hgx-1,H100 80GB SXM5,8,9.5,owned\n"
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(GROUP, arguments, standalone_mode=False)


def output(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exception is None, result.exception
    assert result.return_value == 0
    return result.stdout


def rows(*arguments: str) -> Any:
    return json.loads(output(*arguments, "--json"))


def overlay(folder: Path, text: str = OVERLAY) -> str:
    file = folder / "offers.csv"
    file.write_text(text)
    return str(file)


def test_list_with_the_filters_people_know() -> None:
    found = rows(
        *("catalog", "list", "--gpu", "H100:8", "--memory", "80GB..", "--max-price", "$60/h"),
        *("--provider", "aws", "--region", "us-east-1"),
    )
    assert [row["instance_type"] for row in found] == ["p5.48xlarge"]


def test_list_spot_and_all() -> None:
    spot = rows("catalog", "list", "--gpu", "H100", "--spot")
    assert spot
    assert {row["terms"] for row in spot} == {"spot"}
    every = rows("catalog", "list", "--all")
    assert len(every) > len(rows("catalog", "list"))


def test_list_is_cheapest_per_accelerator_first() -> None:
    prices = [row["usd_per_h"] / row["node_accelerators"] for row in rows("catalog", "list")]
    assert prices == sorted(prices)


@pytest.mark.parametrize("table", catalog_command.TABLES)
def test_every_table_is_listed(table: str) -> None:
    assert output("catalog", "list", table, "--limit", "2")
    assert rows("catalog", "list", table)


def test_json_has_every_row_unless_a_limit_is_given() -> None:
    assert len(rows("catalog", "list")) > 40
    for listed in (["catalog", "list"], ["catalog", "list", "left_out"], ["models", "list"]):
        assert len(rows(*listed, "--limit", "2")) == 2


def test_what_is_left_out_is_listed() -> None:
    assert "no power figure for Inferentia2" in output(
        "catalog", "list", "left_out", "--limit", "0"
    )
    assert {"table", "name", "reason"} == set(rows("catalog", "list", "left_out")[0])


def test_negated_gpu_and_ranges() -> None:
    import catalog

    loaded = catalog.load()
    kept = select_offers(loaded, Filters(gpu=["NVIDIA", "!L4", "!T4"]))
    assert kept
    assert not {"L4", "T4"} & {offer.accelerator for offer in kept}
    pairs = select_offers(loaded, Filters(gpu=["A10G:2..4"]))
    assert {offer.node_accelerators for offer in pairs} <= {2, 3, 4}
    each = select_offers(loaded, Filters(max_price="$1/gpu-h"))
    assert all(offer.usd_per_h / offer.node_accelerators <= 1 for offer in each)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gpu", "H1000"], "did you mean H100"),
        (["--memory", "80"], "is not a memory size; such as 80GB"),
        (["--memory", "80GB..24GB"], "holds nothing"),
        (["--max-price", "3"], "is not a price"),
        (["--provider", "asw"], "did you mean aws"),
        (["--region", "us-east-11"], "did you mean us-east-1"),
        (["--terms", "spott"], "did you mean spot"),
        (["--provider", "zz"], "known are alibaba, "),
    ],
)
def test_bad_filters(arguments: list[str], message: str) -> None:
    caught = run("catalog", "list", *arguments).exception
    assert isinstance(caught, CatalogError)
    assert message in str(caught)


def test_filters_are_for_offers() -> None:
    caught = run("catalog", "list", "models", "--gpu", "H100").exception
    assert isinstance(caught, click.UsageError)
    assert "--gpu filters offers, not models" in caught.message


def test_show(tmp_path: Path) -> None:
    text = output("catalog", "show", "H200 141GB SXM5")
    assert "4800" in text
    assert "accelerators.csv" in text
    file = overlay(tmp_path)
    shown = output("catalog", "show", "us/hgx-1/unspecified/owned", "--catalog", file)
    assert "9.5" in shown
    caught = run("catalog", "show", "H2000").exception
    assert isinstance(caught, CatalogError)
    assert "did you mean H200" in str(caught)


def test_check_is_clean_and_fails_on_a_bad_overlay(tmp_path: Path) -> None:
    assert "clean, 0 warnings" in output("catalog", "check")
    result = run("catalog", "check", overlay(tmp_path, OVERLAY.replace("owned", "on_demand")))
    assert result.return_value == 0
    dear = OVERLAY.replace("9.5,owned", "900,on_demand")
    result = run("catalog", "check", overlay(tmp_path, dear), "--json")
    assert result.return_value == 2
    assert json.loads(result.stdout)[0]["severity"] == "error"


def test_diff(tmp_path: Path) -> None:
    text = "provider,instance_type,region,price_per_h\naws,p5.48xlarge,us-east-1,20\n"
    found = rows("catalog", "diff", overlay(tmp_path, text))
    changed = {row["column"]: (row["old"], row["new"]) for row in found}
    assert changed["usd_per_h"] == ("55.04", "20")
    plain = output("catalog", "diff", overlay(tmp_path))
    assert "added   offers us/hgx-1/unspecified/owned" in plain


def test_import_writes_an_overlay_that_loads(tmp_path: Path) -> None:
    source = tmp_path / "quotes.csv"
    source.write_text("GPU,Count,Price,Provider\nH200,8,20,acme\nVoodoo2,1,1,acme\n")
    target = tmp_path / "offers-acme.csv"
    result = run("catalog", "import", str(source), "-o", str(target), "--date", "2026-11-01")
    assert result.return_value == 0
    assert "row 3 left out: unknown accelerator 'Voodoo2'" in result.stderr
    assert "1 offers read as quotes, 1 rows left out" in result.stderr
    found = rows("catalog", "list", "--provider", "acme", "--catalog", str(target))
    assert found[0]["usd_per_h"] == 20


def test_import_refuses_a_bad_target_or_format(tmp_path: Path) -> None:
    source = tmp_path / "q.csv"
    source.write_text("gpu,price\nL4,1\n")
    for extra in (["-o", str(tmp_path / "x.txt")], ["--format", "excel"]):
        caught = run("catalog", "import", str(source), *extra).exception
        assert isinstance(caught, click.UsageError)
    assert not (tmp_path / "x.txt").exists()


def test_diff_over_own_overlays(tmp_path: Path) -> None:
    """--catalog is what FILE is compared with; without FILE it is itself compared."""
    own = overlay(tmp_path)
    (tmp_path / "next").mkdir()
    dearer = overlay(tmp_path / "next", OVERLAY.replace("9.5", "11"))
    assert rows("catalog", "diff", "--catalog", own) == rows("catalog", "diff", own)
    found = rows("catalog", "diff", "--catalog", own, dearer)
    changed = {row["column"]: (row["old"], row["new"]) for row in found}
    assert changed["usd_per_h"] == ("9.5", "11") and {row["kind"] for row in found} == {"changed"}
    both = rows("catalog", "diff", "--catalog", f"{own},{dearer}")
    assert [row["kind"] for row in both] == ["added"]
    caught = run("catalog", "diff").exception
    assert isinstance(caught, click.UsageError)
    assert "name the overlays" in caught.message
    assert "clean" in output("catalog", "check", "--catalog", own, dearer)


def test_one_difference_is_one(tmp_path: Path) -> None:
    assert output("catalog", "diff", overlay(tmp_path)).endswith("\n1 difference\n")


def test_export_is_an_overlay_again(tmp_path: Path) -> None:
    target = tmp_path / "accelerators.csv"
    output("catalog", "export", "accelerators", "-o", str(target))
    assert output("catalog", "diff", str(target)) == "0 differences\n"
    offers = tmp_path / "offers.csv"
    output("catalog", "export", "offers", "-o", str(offers))
    assert output("catalog", "diff", str(offers)) == "0 differences\n"
    as_json = tmp_path / "models.json"
    output("catalog", "export", "models", "-o", str(as_json))
    assert json.loads(as_json.read_text())


def test_models_list() -> None:
    found = rows("models", "list", "deepseek-v2")
    assert {row["family"] for row in found} >= {"deepseek-v2"}
    sizes = [row["total_params_b"] for row in found]
    assert sizes == sorted(sizes)
    names = json.loads(output("models", "list", "--aliases", "--json"))
    assert names["236b"] == "deepseek-ai/DeepSeek-V2"
    assert "236b" in output("models", "list", "--aliases")
    caught = run("models", "list", "deepsek").exception
    assert isinstance(caught, CatalogError)


def test_models_show() -> None:
    facts = rows("models", "show", "236b")
    assert facts["id"] == "deepseek-ai/DeepSeek-V2"
    assert facts["total_params_b"] == pytest.approx(235.74, abs=0.01)
    assert facts["kv_bytes_per_token"] == 60 * (512 + 64) * 2
    assert "67.5 KiB" in output("models", "show", "236B")
    assert output("models", "show", "236b", "--aliases").splitlines()[0] == facts["id"]


def test_models_show_says_first_that_a_size_is_assumed() -> None:
    """It was shown like a model of the catalogue; `--aliases` and `--json` stay clean."""
    found = run("models", "show", "999b")
    first = found.stdout.splitlines()[0]
    assert first.startswith("999b: no model of the catalogue, assumed is meta-llama/Llama-3.1-405B")
    assert "nearest known are 1,026.4b (moonshotai/Kimi-K2-Instruct)" in first
    assert json.loads(run("models", "show", "999b", "--json").stdout)["id"] == "999b"
    assert run("models", "show", "999b", "--aliases").stdout == "999b\n"
    assert "no model of" not in run("models", "show", "236b").output


def test_models_show_windows() -> None:
    # Gemma 3 27B: 10 growing and 52 windowed layers of 16 heads x 128, keys and values, 16 bits
    shown = output("models", "show", "27b")
    assert (
        f"{10 * 2 * 16 * 128 * 2 / 1024:.1f} + {52 * 2 * 16 * 128 * 2 / 1024:.1f} in 1024" in shown
    )
    facts = json.loads(output("models", "show", "27b", "--json"))
    assert facts["kv_bytes_per_token"] == 10 * 2 * 16 * 128 * 2
    assert facts["kv_bytes_per_token_in_window"] == 52 * 2 * 16 * 128 * 2


def test_models_list_limits_names() -> None:
    assert len(output("models", "list", "--aliases", "--limit", "3").splitlines()) == 3


def test_models_show_a_file(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(
        json.dumps(
            {
                **{"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32},
                **{"num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256},
                "intermediate_size": 14336,
            }
        )
    )
    facts = rows("models", "show", str(file))
    assert facts["kv_bytes_per_token"] == 32 * 2 * 8 * 128 * 2
    assert facts["total_params_b"] == pytest.approx(8.03, abs=0.01)
