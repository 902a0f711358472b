"""Plans of a day, from spec to report, on closed forms."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from recommender import Spec, recommend
from recommender.assembly.day import idle_w
from recommender.audit import audit
from recommender.batch.batch import plan_row
from recommender.report.json_plan import from_json, to_json
from recommender.report.render import render

DAY = "0-8h:30%,8-20h:100%,20-24h:60%"
ASKED = {"model": "8b", "qps": "50", "p99": "300ms", "fast": True, "gpu": "H100,L40S,H200"}


@pytest.fixture(scope="module")
def plan_of(facts):
    """Changes of the request -> its plan, each solved once."""
    known = {}

    def solve(**changes):
        key = repr(sorted(changes.items()))
        if key not in known:
            known[key] = recommend(
                Spec(**(ASKED | changes)), catalog=facts, front=False, explain=False
            )
        return known[key]

    return solve


def test_each_period_is_the_plan_for_its_rate(plan_of):
    plan = plan_of(profile=DAY)
    assert plan.status == "optimal"
    assert plan.proof
    for period, qps in zip(plan.periods, ("15", "50", "30"), strict=True):
        alone = plan_of(qps=qps)
        assert period.cost_usd_per_h == pytest.approx(alone.totals.cost_usd_per_h)
        assert period.requests_per_s == float(qps)
    assert plan.nodes == plan.periods[1].nodes  # the plan is that of the peak


def test_totals_follow_from_the_periods(plan_of):
    plan = plan_of(profile=DAY)
    cost = [period.cost_usd_per_h for period in plan.periods]
    mean = (8 * cost[0] + 12 * cost[1] + 4 * cost[2]) / 24
    totals = plan.totals
    assert totals.mean_cost_usd_per_h == pytest.approx(mean)
    assert plan.objective == pytest.approx(mean)
    assert totals.cost_usd_per_month == pytest.approx(730 * mean)
    assert totals.cost_usd_per_h == pytest.approx(cost[1])
    power = [period.power_w for period in plan.periods]
    mean_kw = (8 * power[0] + 12 * power[1] + 4 * power[2]) / 24 / 1000
    assert totals.energy_kwh_per_month == pytest.approx(730 * mean_kw)
    # 0.7 of the peak rate on average
    peak = totals.usd_per_million_output_tokens_at_peak
    expected = peak * mean / cost[1] / 0.7
    assert totals.usd_per_million_output_tokens == pytest.approx(expected)
    assert any("starting up" in what for what in totals.cost_not_included)


def test_a_flat_day_is_the_plan_without_one(plan_of):
    flat, plain = plan_of(profile="0-8h:100%,8-24h:100%"), plan_of()
    assert flat.deployments == plain.deployments
    assert flat.totals.cost_usd_per_h == plain.totals.cost_usd_per_h
    assert flat.periods == ()


def test_the_order_of_periods_changes_no_cost(plan_of):
    other = plan_of(profile="0-4h:60%,4-16h:100%,16-24h:30%")
    mean = plan_of(profile=DAY).totals.mean_cost_usd_per_h
    assert other.totals.mean_cost_usd_per_h == pytest.approx(mean)


def test_every_promise_holds_and_a_changed_one_breaks(plan_of, facts):
    for changes in ({}, {"start_up": "10min"}, {"max_types": 1, "budget": "$40/h"}):
        plan = plan_of(profile=DAY, **changes)
        assert [f for f in plan.audit if not f.holds] == []
    night = plan.periods[0]
    spec = Spec(**ASKED, profile=DAY, max_types=1, budget="$40/h")
    for changed, promise in (
        (replace(night, cost_usd_per_h=1.0), "0-8 h: cost"),
        (replace(night, started_nodes=99), "0-8 h: nodes started"),
        (replace(night, nodes=(replace(night.nodes[0], usd_per_node_h=0.1),)), "prices stated"),
        (replace(night, to_h=7.0), "0-8 h ends"),
        (replace(night, requests_per_s=14.0), "rate"),
        (replace(night, placements=night.placements[:0]), "0-8 h: "),
        (replace(night, nodes=night.nodes[:0]), "0-8 h: cost"),
    ):
        edited = replace(plan, periods=(changed, *plan.periods[1:]))
        broken = [f.promise for f in audit(edited, spec, facts, replay=False) if not f.holds]
        wanted = promise.replace("0-8 h ends", "0-7 h ends")
        assert any(wanted in name for name in broken), (promise, broken)


@pytest.mark.parametrize("start_up", [{}, {"start_up": "10min"}])
def test_a_second_busiest_period_is_audited_as_the_first(plan_of, facts, start_up):
    """Its fleet may be another one, and was taken for that of the first unseen."""
    day = "0-8h:30%,8-12h:100%,12-14h:50%,14-24h:100%"
    plan = plan_of(profile=day, **start_up)
    assert [f for f in plan.audit if not f.holds] == []
    last = plan.periods[-1]
    less = tuple(replace(p, groups=max(p.groups - 1, 0)) for p in last.placements)
    edited = replace(plan, periods=(*plan.periods[:-1], replace(last, placements=less)))
    spec = Spec(**ASKED, profile=day, **start_up)
    broken = [f.promise for f in audit(edited, spec, facts, replay=False) if not f.holds]
    assert any(name.startswith("14-24 h: ") and "stands on a node" in name for name in broken)


def test_starts_are_paid_and_said(plan_of):
    free, paid = plan_of(profile=DAY), plan_of(profile=DAY, start_up="10min")
    totals = paid.totals
    assert totals.mean_cost_usd_per_h >= free.totals.mean_cost_usd_per_h
    assert totals.start_up_usd_per_h > 0
    assert not any("starting up" in what for what in totals.cost_not_included)
    running = sum((p.to_h - p.from_h) * p.cost_usd_per_h for p in paid.periods) / 24
    assert totals.mean_cost_usd_per_h == pytest.approx(running + totals.start_up_usd_per_h)


def test_the_budget_is_that_of_the_mean(plan_of):
    mean = plan_of(profile=DAY).totals.mean_cost_usd_per_h
    assert plan_of(profile=DAY, budget=f"${mean + 0.01:.2f}/h").status == "optimal"
    short = plan_of(profile=DAY, budget=f"${mean / 2:.2f}/h")  # simulated rates do not save half
    assert short.status == "infeasible"
    repair = next(r for r in short.repairs if r.change == "--budget")
    least = repair.value.removeprefix("at least ").split("/h")[0].strip("$")
    assert float(least) == pytest.approx(mean, abs=0.011)
    assert "on average over the day" in repair.witness


def test_without_demand_nothing_is_rented(plan_of):
    plan = plan_of(profile="0-8h:0%,8-24h:100%")
    off, on = plan.periods
    assert (off.nodes, off.cost_usd_per_h, off.p99_s, off.totals) == ((), 0.0, None, None)
    assert plan.totals.mean_cost_usd_per_h == pytest.approx(on.cost_usd_per_h * 16 / 24)
    assert [f for f in plan.audit if not f.holds] == []


OWN = (
    "provider,instance_type,accelerator,node_accelerators,terms,stock,electricity_per_kwh\n"
    "us,hgx-1,H100 80GB SXM5,8,owned,4,0.12\n"
)


def test_own_nodes_serve_all_day_and_the_cloud_covers_the_peak(tmp_path):
    import catalog

    file = tmp_path / "offers-own.csv"
    file.write_text(OWN)
    spec = Spec(
        model="70b", qps="60", p99="500ms", gpu="H100", fast=True, profile=DAY, catalog=str(file)
    )
    plan = recommend(spec, catalog=catalog.load([file]), front=False, explain=False)
    own = [
        {n.offer: n.nodes for n in period.nodes}.get("us/hgx-1/unspecified/owned")
        for period in plan.periods
    ]
    assert own == [4, 4, 4]
    rented = [sum(n.nodes for n in p.nodes if "owned" not in n.offer) for p in plan.periods]
    assert rented[1] > rented[2] > rented[0]
    assert [f for f in plan.audit if not f.holds] == []
    assert "paid around the clock" in render(plan, "terminal")


@pytest.mark.parametrize("form", ["terminal", "md", "html", "json"])
def test_every_format_shows_the_schedule(plan_of, form):
    plan = plan_of(profile=DAY)
    text = render(plan, form)
    assert ("periods" if form == "json" else "Schedule") in text
    if form == "terminal":
        assert max(map(len, text.splitlines())) <= 80
        assert "the schedule saves" in " ".join(text.split())


def test_json_reads_back(plan_of):
    plan = plan_of(profile=DAY)
    assert from_json(to_json(plan)) == plan
    old = replace(plan, periods=())
    assert from_json(to_json(old).replace(',\n  "periods": []', "")) == old


def test_a_batch_has_both_costs(plan_of):
    row = plan_row("x", plan_of(profile=DAY))
    assert row["mean_cost_usd_per_h"] < row["cost_usd_per_h"]


def test_one_fleet_all_day_is_a_runner_up(facts):
    plan = recommend(Spec(**ASKED, profile=DAY), catalog=facts)
    assert plan.front == ()
    other = next(r for r in plan.runners_up if r.restriction == "the same nodes around the clock")
    assert other.cost_usd_per_h >= plan.totals.mean_cost_usd_per_h
    assert all(r.cost_pct is None or r.cost_pct >= -1e-9 for r in plan.runners_up)
    assert all((line.price_usd_per_h or 0) >= -1e-9 for line in plan.ledger)


@pytest.mark.parametrize("replicas", [8, 1])
@pytest.mark.parametrize(
    ("tdp_w", "nameplate_w", "each_w"),
    [
        (700.0, 1e4, 1.08 * 8 * (0.12 * 700 + 1500 / 8)),  # chips, their part of the host, fans
        (700.0, 2000.0, 2000.0),
        (None, 1e4, 1e4),
    ],
)
def test_nodes_that_serve_nothing_draw_as_much_however_they_are_filled(
    replicas, tdp_w, nameplate_w, each_w
):
    chip = SimpleNamespace(tdp_w=tdp_w)
    table = SimpleNamespace(hardware=[SimpleNamespace(accelerator=chip)], hardware_index=[0])
    group = SimpleNamespace(replicas={"0": replicas}, accelerators=8, nameplate_w=nameplate_w)
    assert idle_w(table, [(group, 3)]) == pytest.approx(3 * each_w)
