"""`--slo` and `--goodput` from the shell to the plan, its audit, its replay and its repairs."""

import json

from recommender.report.json_plan import from_json

SMALL = ("--model", "8b", "--qps", "20", "--provider", "nebius", "--gpu", "H100")
BUCKET = "ttft p95 <= 150ms for input <= 1024"


def test_a_bucket_and_a_percentile_bind_and_are_shown(recommend, tmp_path):
    saved = tmp_path / "plan.json"
    result = recommend(
        *SMALL, "--p99", "1s", "--slo", BUCKET, "--slo", "e2e p95 <= 60s", "-o", saved, "-q"
    )
    assert result.code == 0
    text = " ".join(result.out.split())
    assert "TTFT p95 <= 150 ms for input <= 1024, E2E p95 <= 60 s" in text
    assert "TTFT p95 for input <= 1024 limits a replica" in text
    plan = from_json(saved.read_text())
    assert [t.name for t in plan.targets] == [
        "TTFT p99", "TPOT p99", "TTFT p95 for input <= 1024", "E2E p95"
    ]  # fmt: skip
    (d,) = plan.deployments
    for target, found_s in zip(plan.targets, d.targets_s, strict=True):
        assert found_s <= target.limit_s
    assert d.targets_s[0] == d.ttft_p99_s == plan.totals.p99_s
    assert plan.spec["slo"] == ["ttft p95 <= 150ms for input <= 1024", "e2e p95 <= 60s"]
    audited = [finding for finding in plan.audit if "for input <= 1024" in finding.promise]
    assert audited and all(finding.holds for finding in plan.audit)

    replayed = recommend("verify", saved, "--json", "-q")
    assert replayed.code == 0
    (replay,) = json.loads(replayed.out)["replays"]
    assert [t["percentile"] for t in replay["targets"]] == [0.99, 0.99, 0.95, 0.95]
    bucket = replay["targets"][2]
    assert bucket["bucket"]["max_input_tokens"] == 1024
    assert 0 < bucket["requests"] < replay["requests"]


def test_goodput_replaces_percentiles_and_is_kept(recommend, tmp_path):
    saved = tmp_path / "plan.json"
    asked = ("--ttft-p99", "150ms", "--slo", "tpot <= 20ms", "--goodput", "95%")
    result = recommend(*SMALL, *asked, "-o", saved, "-q")
    assert result.code == 0
    assert "of 95%" in result.out and "in place of percentiles" in " ".join(result.out.split())
    plan = from_json(saved.read_text())
    assert plan.goodput == 0.95 and plan.spec["goodput"] == "95%"
    assert [t.name for t in plan.targets] == ["TTFT p95", "TPOT p95"]
    assert all(d.goodput >= 0.95 for d in plan.deployments)
    assert all(f.holds for f in plan.audit) and any("goodput" in f.promise for f in plan.audit)

    replayed = recommend("verify", saved, "--json", "-q")
    assert replayed.code == 0
    (replay,) = json.loads(replayed.out)["replays"]
    assert replay["targets"] == []  # goodput is judged in their place
    assert replay["goodput_judged"]["verdict"] == "holds"
    assert replay["goodput"] == replay["goodput_judged"]["share"] >= 0.95


def test_goodput_is_judged_after_the_plan_was_edited(recommend, tmp_path):
    """Half of the nodes carry twice the rate: the replay says so, and the arithmetic too."""
    saved = tmp_path / "plan.json"
    asked = ("--ttft-p99", "150ms", "--tpot-p99", "20ms", "--goodput", "95%")
    recommend(*SMALL, *asked, "-o", saved, "-q")
    document = json.loads(saved.read_text())
    for part in (*document["plan"]["deployments"], *document["plan"]["placements"]):
        for name in ("dp", "nodes", "groups", "accelerators"):
            if name in part:
                part[name] = max(part[name] // 2, 1)
    saved.write_text(json.dumps(document))
    result = recommend("verify", saved, "-q")
    assert result.code == 5
    assert "goodput falls short from second" in " ".join(result.out.split())
    assert "a replica holds" in " ".join(result.out.split())


def test_closed_forms_alone_stay_on_the_safe_side(recommend):
    asked = ("--ttft-p99", "150ms", "--tpot-p99", "20ms", "--goodput", "95%", "--json", "-q")
    simulated = from_json(recommend(*SMALL, *asked).out)
    fast = from_json(recommend(*SMALL, *asked, "--fast").out)
    assert fast.totals.cost_usd_per_h >= simulated.totals.cost_usd_per_h
    assert all(d.goodput >= 0.95 for d in fast.deployments)


def test_targets_come_from_a_file_too(recommend, tmp_path):
    file = tmp_path / "spec.yaml"
    file.write_text(f"model: 8b\nqps: 20\nslo:\n  - {BUCKET}\n  - tpot p99 <= 50ms\n")
    result = recommend("-f", file, "--provider", "nebius", "--gpu", "H100", "--json", "-q")
    assert result.code == 0
    plan = from_json(result.out)
    assert [t.name for t in plan.targets] == ["TTFT p95 for input <= 1024", "TPOT p99"]
    (d,) = plan.deployments
    assert plan.totals.p99_s == d.targets_s[0] <= 0.15  # the first target is the axis


def test_an_empty_bucket_and_an_unreadable_target_are_refused(recommend):
    result = recommend(*SMALL, "--slo", "ttft p95 <= 150ms for input <= 1", "-q")
    assert result.code == 2
    assert "0 % of the requests of workload chat are in this bucket" in result.complaint
    result = recommend(*SMALL, "--slo", "ttfd p95 <= 150ms", "-q")
    assert result.code == 2 and "did you mean ttft?" in result.complaint
    result = recommend(*SMALL, "--slo", "ttft p99 <= 1s for input >= 7600", "-q")
    assert result.code == 2 and "widen the bucket or lower the percentile" in result.complaint


def test_repairs_name_the_target_and_goodput(recommend):
    asked = ("--slo", "ttft <= 48ms for input <= 1024", "--goodput", "99.5%")
    result = recommend(*SMALL, *asked, "--json", "-q")
    assert result.code == 3
    changes = {repair.change: repair.value for repair in from_json(result.out).repairs}
    assert changes["--slo ttft for input <= 1024"].startswith("at least")
    assert changes["--goodput"].startswith("at most")


def test_a_sweep_over_goodput_and_targets(recommend):
    result = recommend(
        "what-if", *SMALL, "--ttft-p99", "150ms", "--tpot-p99", "20ms", "--fast",
        "--vary", "goodput=90%,99%", "-q",
    )  # fmt: skip
    assert result.code == 0 and "90%" in result.out and "99%" in result.out
    result = recommend(
        "what-if", *SMALL, "--fast", "--p99", "1s",
        "--vary", "slo=ttft p95 <= 150ms,ttft p95 <= 300ms", "-q",
    )  # fmt: skip
    assert result.code == 0 and "p95" in result.out
