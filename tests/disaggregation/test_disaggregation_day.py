"""Pools over a day of periods: each pool by itself, mean costs by hand, and from spec to replay."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from disaggregation_specs import SMALL

import catalog
from recommender.audit import audit
from recommender.disaggregation.compare import ceiling
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.pools_of_day import price_units
from recommender.disaggregation.search import Search
from recommender.engine import recommend
from recommender.formulation.solve_single_service import solve_single_service
from recommender.plan import Plan
from recommender.report.json_plan import from_json, to_json
from recommender.report.sections import sections
from recommender.request.spec_file import make_spec
from recommender.verification.at_hour import at_hour
from recommender.verification.plan_replay import verify_plan
from recommender.what_if.what_if import what_if
from recommender.wording import hourly

DAY = "0-8h:30%,8-20h:100%,20-24h:60%"
ASKED = SMALL | {"disaggregate": "only", "qps": "400", "profile": DAY}
COMMITTED = (
    "provider,instance_type,region,default_region,terms,kind,whole_node,accelerator,"
    "node_accelerators,vcpus,host_ram_gib,network_gb_per_s,price_per_h,currency,date,"
    "date_precision,source,read_on,verification,note\n"
    "nebius,committed,eu-north1,true,reserved_1yr,list,true,H100 80GB SXM5,8,128,1600,400,"
    "13.0,USD,2026-01-01,year,test,2026-01-01,read,\n"
)


@cache
def _plan(**changes: str) -> Plan:
    return recommend(make_spec(ASKED | changes), front=False)


def test_the_mean_cost_by_hand() -> None:
    plan = _plan()
    assert plan.status == "optimal" and plan.totals is not None
    hours = [8.0, 12.0, 4.0]
    mean = sum(h * p.cost_usd_per_h for h, p in zip(hours, plan.periods, strict=True)) / 24
    assert plan.objective == pytest.approx(mean) == plan.totals.mean_cost_usd_per_h
    assert plan.totals.cost_usd_per_month == pytest.approx(730 * mean)
    for period, rate in zip(plan.periods, (120.0, 400.0, 240.0), strict=True):
        assert period.requests_per_s == pytest.approx(rate)
        for pool in ("prefill", "decode"):
            carried = sum(d.requests_per_s for d in period.deployments if d.pool == pool)
            assert carried == pytest.approx(rate)


def test_every_pool_of_every_period_is_the_best_for_its_rate(study) -> None:
    asked = study(disaggregate="only", qps="400", profile=DAY)
    found = Search(asked, two_pools(asked)).best().best
    assert found is not None and asked.question.day is not None
    candidate, solution = found
    for position, block in enumerate(asked.question.day.blocks):
        alone = replace(asked.question, day=None, demand_per_s=block.demand_per_s)
        for name, side in candidate.sides.items():
            best = solve_single_service(side.fleet(alone))
            least = sum(best.groups[g].usd_per_h * n for g, n in best.counts.items())
            bought = solution.over_day[name][position]
            assert sum(g.usd_per_h * n for g, n in bought) == pytest.approx(least)


def test_the_best_is_that_of_every_candidate(study) -> None:
    asked = study(disaggregate="only", qps="400", profile=DAY)
    search = Search(asked, two_pools(asked))
    every = [search.solve(candidate) for candidate in search.candidates()]
    least = min(found.objectives for found in every if found.bought)
    whole = Search(asked, two_pools(asked)).best()
    assert whole.best is not None and whole.best[1].objectives == least


def test_a_bound_is_never_above_the_value(study) -> None:
    asked = study(disaggregate="only", qps="400", profile=DAY)
    search = Search(asked, two_pools(asked))
    for candidate in search.candidates():
        found = search.solve(candidate)
        if found.bought:
            assert search._least(candidate) <= found.objectives[0]


def test_a_quieter_night_never_costs_more_and_start_ups_never_less() -> None:
    nights = ["1%", "30%", "60%", "99%"]
    costs = [_plan(profile=f"0-8h:{share},8-24h:100%").objective for share in nights]
    assert costs == sorted(costs)
    once = recommend(
        make_spec({k: v for k, v in ASKED.items() if k != "profile"}), front=False, explain=False
    )
    assert costs[-1] == pytest.approx(once.objective)  # of the same whole nodes
    started = _plan(start_up="30min")
    assert started.objective is not None and started.objective > _plan().objective


def test_the_audit_confirms_every_period_and_finds_an_edited_one() -> None:
    plan, facts = _plan(), catalog.load()
    assert plan.audit and all(finding.holds for finding in plan.audit)
    for number, period in enumerate(plan.periods):
        assert period.pools is not None
        (part,) = period.pools.parts
        wrong = replace(period.pools, parts=(replace(part, bound_s=9.0),))
        periods = list(plan.periods)
        periods[number] = replace(period, pools=wrong)
        found = audit(replace(plan, periods=tuple(periods)), make_spec(ASKED), facts, replay=False)
        assert any("split of TTFT p99" in f.promise and not f.holds for f in found)


def test_nodes_that_are_paid_all_day_stay_in_their_pool(tmp_path: Path) -> None:
    overlay = tmp_path / "offers.csv"
    overlay.write_text(COMMITTED)
    plan = _plan(
        catalog=str(overlay), terms="on_demand,reserved_1yr",
        profile="0-8h:0%,8-20h:100%,20-24h:60%",
    )  # fmt: skip
    name = next(n.offer for n in plan.nodes if n.terms == "reserved_1yr")
    night, *others = plan.periods
    assert night.deployments == () and night.power_w > 0 and night.pools is None
    assert len({n.nodes for p in plan.periods for n in p.nodes if n.offer == name}) == 1
    assert night.cost_usd_per_h == pytest.approx(13.0 * night.nodes[0].nodes)
    for pool in ("prefill", "decode"):
        nodes = [
            sum(d.nodes for d in p.deployments if d.offer == name and d.pool == pool)
            for p in others
        ]
        assert nodes[0] == nodes[1]
    assert all(finding.holds for finding in plan.audit)


def test_each_period_is_replayed_as_a_plan_of_its_own() -> None:
    plan = _plan()
    assert verify_plan(plan).verdict == "holds"
    night = at_hour(plan, 3.0)
    assert night.pools == plan.periods[0].pools
    assert verify_plan(night).verdict == "holds"


def test_json_and_report_have_the_schedule_and_the_pools() -> None:
    plan = _plan()
    assert from_json(to_json(plan)) == plan
    assert {"schedule", "pools"} <= {section.name for section in sections(plan)}


def test_a_step_of_a_sweep_costs_the_mean(facts) -> None:
    (step,) = what_if(make_spec(ASKED), "qps", ["400"], catalog=facts)
    assert step.cost_usd_per_h == pytest.approx(_plan().objective)


def test_where_pools_lose_the_plan_of_the_day_says_what_they_cost_at_least() -> None:
    plan = recommend(make_spec(ASKED | {"disaggregate": "auto"}), front=False)
    (runner,) = (r for r in plan.runners_up if r.restriction == "prefill and decode pools")
    assert plan.pools is None and plan.objective is not None and runner.cost_usd_per_h is not None
    assert plan.objective <= runner.cost_usd_per_h <= _plan().objective
    (other,) = _plan().runners_up
    assert other.cost_usd_per_h == pytest.approx(plan.objective)


def test_the_ceiling_is_the_mean_cost(study) -> None:
    asked = study(disaggregate="auto", qps="400", profile=DAY)
    decision = asked.decide()
    assert ceiling(asked, decision) == (price_units(decision.cost_usd_per_h),)


def test_one_file_holds_the_programs_of_both_pools(tmp_path: Path) -> None:
    path = tmp_path / "day.lp"
    recommend(make_spec(ASKED), front=False, explain=False, write_lp=path)
    text = path.read_text()
    assert "prefill" in text and "decode" in text


@cache
def _bare(**changes: str) -> Plan:
    """Without what explains it."""
    return recommend(make_spec(ASKED | changes), front=False, explain=False)


def _nodes(plan: Plan) -> list[int]:
    return [sum(n.nodes for n in period.nodes) for period in plan.periods]


def test_limits_over_both_pools_hold_in_every_period() -> None:
    free = _bare(redundancy="none")
    most = max(_nodes(free))
    for limits in (
        {"max_nodes": str(most)}, {"power": f"{10.2 * most:g}kW", "start_up": "30min"},
    ):  # fmt: skip
        plan = _bare(redundancy="none", **limits)
        assert plan.status == "optimal" and max(_nodes(plan)) <= most
        assert [f.promise for f in plan.audit if not f.holds] == []
        alone = _bare(redundancy="none", start_up=limits.get("start_up", "0min"))
        assert plan.objective == pytest.approx(alone.objective)  # none of them binds
    tight = _bare(redundancy="none", max_nodes=str(most - 1))
    assert tight.status == "optimal" and max(_nodes(tight)) <= most - 1  # on simulated rates
    assert [f.promise for f in tight.audit if not f.holds] == []
    assert verify_plan(tight).verdict == "holds"


def test_the_audit_finds_a_limit_that_a_period_breaks() -> None:
    plan = _bare(redundancy="none", max_nodes="9")
    asked = make_spec(ASKED | {"redundancy": "none", "max_nodes": str(max(_nodes(plan)) - 1)})
    found = audit(plan, asked, catalog.load(), replay=False)
    assert any("nodes" in f.promise and not f.holds for f in found)


def test_a_stock_is_shared_by_both_pools_all_day(tmp_path: Path) -> None:
    overlay = tmp_path / "offers.csv"
    head, row = COMMITTED.splitlines()
    overlay.write_text(f"{head},stock\n{row.replace('13.0', '1.0')},3\n")
    plan = _plan(catalog=str(overlay), terms="on_demand,reserved_1yr")
    assert plan.status == "optimal" and [f.promise for f in plan.audit if not f.holds] == []
    name = next(n.offer for n in plan.nodes if n.terms == "reserved_1yr")
    used = [{n.offer: n.nodes for n in period.nodes}[name] for period in plan.periods]
    assert used == [3, 3, 3]
    pools = {d.pool for d in plan.deployments if d.offer == name}
    assert pools == {"prefill", "decode"}
    assert any("stock of" in f.promise for f in plan.audit)
    # without the limit they are all that is bought
    overlay.write_text(COMMITTED.replace("13.0", "1.0"))
    free = _plan(catalog=str(overlay), terms="on_demand,reserved_1yr", headroom="20.01%")
    assert free.objective is not None and plan.objective is not None
    assert free.objective < plan.objective


@pytest.mark.slow
def test_a_budget_is_a_look_at_the_least_mean_cost() -> None:
    least = _plan(fast="false").objective
    assert least is not None
    enough = _plan(fast="false", budget=f"${least + 0.01:.2f}/h")
    assert (enough.status, enough.objective) == ("optimal", pytest.approx(least))
    assert any("budget" in f.promise for f in enough.audit)
    assert all(f.holds for f in enough.audit)
    short = _plan(fast="false", budget=f"${least - 0.02:.2f}/h")
    assert short.status == "infeasible"
    repair = next(r for r in short.repairs if r.change == "--budget")
    needed = float(repair.value.removeprefix("at least $").removesuffix("/h").replace(",", ""))
    assert needed == pytest.approx(least, abs=0.011) and needed >= least - 1e-9
    assert repair.witness.startswith(hourly(least))
