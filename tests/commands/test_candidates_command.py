"""`recommend candidates`: one row per replica kind and offer, as in the contract."""

import csv
import io

import numpy as np
import pytest
from asked import ASKED

from recommender.explanation import candidates_table

BURSTY = (
    "candidates", "--model", "8b", "--qps", "5", "--p99", "2s", "--gpu", "L40S",
    "--provider", "aws", "--burstiness", "10", "-q",
)  # fmt: skip
CONTRACT = (
    "candidate", "offer", "provider", "accelerator", "node_accelerators", "precision",
    "kv_precision", "engine", "tp", "pp", "adp", "ep", "accelerators", "nodes_per_replica",
    "requests_per_s", "cost_usd_per_node_h", "power_w", "ttft_p99_s", "tpot_p99_s", "e2e_p99_s",
    "quality_loss_pct",
)  # fmt: skip


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def rows(recommend):
    result = recommend("candidates", *ASKED, "-q")
    assert result.code == 0
    return table(result.out)


def test_columns_are_the_contract_in_its_order(rows):
    assert [name for name in rows[0] if name in CONTRACT] == list(CONTRACT)


def test_every_row_adds_up(rows, facts):
    assert len(rows) > 20
    assert len({(r["candidate"], r["offer"]) for r in rows}) == len(rows)
    for row in rows:
        offer = facts.offers[row["offer"]]
        size = int(row["pp"]) * int(row["tp"]) * int(row["adp"])
        assert (row["provider"], row["accelerator"]) == (offer.provider, offer.accelerator)
        assert int(row["node_accelerators"]) == offer.node_accelerators
        assert float(row["cost_usd_per_node_h"]) == offer.usd_per_h
        assert int(row["accelerators"]) == size
        assert int(row["nodes_per_replica"]) == -(-size // offer.node_accelerators)
        assert int(row["ep"]) in (1, int(row["tp"]) * int(row["adp"]))
        assert float(row["requests_per_s"]) > 0
        assert 0 < float(row["ttft_p99_s"]) <= 0.5
        assert 0 < float(row["tpot_p99_s"]) <= 0.05
        assert float(row["e2e_p99_s"]) > float(row["ttft_p99_s"])


def test_latencies_are_those_of_a_rate_that_is_sure(recommend):
    """A bound that was never simulated may lie at the capacity: 24 s for a target of 2 s."""
    result = recommend(
        "candidates", "--model", "8b", "--qps", "50", "--p99", "300ms", "--gpu", "L40S", "-q"
    )
    bounds = [r for r in table(result.out) if r["rate_basis"] == "upper bound, never simulated"]
    simulated = [r for r in table(result.out) if r["rate_basis"] == "simulated"]
    assert bounds and simulated
    for row in bounds + simulated:
        assert float(row["ttft_p99_s"]) <= 0.3 * (1 + 1e-9)  # found by 36 halvings
        assert float(row["tpot_p99_s"]) <= 0.05
    assert all(float(r["at_requests_per_s"]) < float(r["requests_per_s"]) for r in bounds)
    assert all(float(r["at_requests_per_s"]) <= float(r["requests_per_s"]) for r in simulated)


def test_under_bursts_a_sure_rate_is_one_at_which_a_replica_meets_few(recommend):
    """5 requests/s of cv 10: cv 1.25 at 5 * 0.5625/99 = 0.0284 requests/s."""
    result = recommend(*BURSTY)
    bounds = [r for r in table(result.out) if r["rate_basis"].startswith("upper bound")]
    assert bounds
    for row in bounds:
        assert float(row["at_requests_per_s"]) == pytest.approx(0.0284, rel=2e-3)
        assert float(row["ttft_p99_s"]) < 2.0


def test_where_no_rate_is_sure_latencies_are_empty(recommend, monkeypatch):
    """A rate that simulation found where closed forms have none."""
    monkeypatch.setattr(candidates_table, "sure_rate", lambda _, kinds: np.zeros(kinds.size))
    found = table(recommend(*BURSTY).out)
    assert found
    for row in found:
        assert row["rate_basis"].endswith(
            "closed forms are not sure of any rate with such arrivals"
        )
        assert {row[n] for n in ("at_requests_per_s", "power_w", "ttft_p99_s")} == {""}
        assert float(row["requests_per_s"]) > 0


def test_the_plan_is_made_of_candidates(rows, recommend):
    import json

    plan = json.loads(recommend(*ASKED, "--json", "-q").out)["plan"]
    for d in plan["deployments"]:
        same = [
            r
            for r in rows
            if r["offer"] == d["offer"]
            and all(r[n] == str(d[n]) for n in ("precision", "tp", "pp", "adp", "ep"))
            and float(r["requests_per_s"]) == pytest.approx(d["max_requests_per_s"] / d["dp"])
        ]
        assert same


def test_rejected_ones_come_with_their_reason(recommend):
    result = recommend(
        "candidates", "--model", "70b", "--qps", "5", "--p99", "1s", "--gpu", "L4", "--fast",
        "--rejected", "-q",
    )  # fmt: skip
    reasons = [row["reason"] for row in table(result.out) if row["reason"]]
    assert any(r.startswith("memory: ") and "GiB usable" in r for r in reasons)


def test_a_file(recommend, tmp_path):
    path = tmp_path / "all.csv"
    result = recommend("candidates", *ASKED, "-o", path, "-q")
    assert (result.code, result.out) == (0, "")
    assert table(path.read_text())[0]["offer"]


def test_without_candidates_only_the_header(recommend):
    result = recommend(
        "candidates", "--model", "70b", "--qps", "5", "--p99", "1ms", "--gpu", "L4", "--fast", "-q"
    )
    assert result.code == 0
    assert result.out.count("\n") == 1


@pytest.mark.slow
def test_simulated_rates_give_finite_figures(recommend):
    result = recommend(
        "candidates", "--model", "8b", "--qps", "5", "--p99", "1s", "--gpu", "H100", "-q"
    )
    for row in table(result.out):
        assert "inf" not in row.values() and "nan" not in row.values()
