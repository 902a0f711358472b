"""Pools from spec to plan: where they win and lose, what the plan says, who checks it."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from disaggregation_specs import SMALL, WINS

import catalog
from recommender.assembly.stated_law import law_of
from recommender.audit import audit
from recommender.commands.front_command import command as front_command
from recommender.engine import recommend
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.queueing.tandem import Handover, simulate_tandem
from recommender.report.html import to_html
from recommender.report.json_plan import from_json, to_json
from recommender.report.sections import sections
from recommender.request.chosen_workload import chosen_workload
from recommender.request.spec_file import make_spec
from recommender.verification import outage
from recommender.verification.plan_replay import verify_plan
from recommender.what_if.what_if import what_if


def test_pools_win_where_prompts_are_long_and_gaps_short(won: Plan) -> None:
    assert won.status == "optimal"
    assert won.pools is not None and won.pools.without_pools is not None
    assert won.objective is not None and won.objective < 0.9 * won.pools.without_pools
    assert {d.pool for d in won.deployments} == {"prefill", "decode"}
    (without,) = won.runners_up
    assert without.cost_usd_per_h == pytest.approx(won.pools.without_pools)
    assert without.cost_pct is not None and without.cost_pct > 10


def test_the_plan_adds_up(won: Plan) -> None:
    assert won.totals is not None
    paid = sum(n.nodes * n.usd_per_node_h for n in won.nodes)
    assert won.totals.cost_usd_per_h == pytest.approx(paid) == pytest.approx(won.objective)
    assert won.totals.nodes == sum(p.groups * p.nodes_per_group for p in won.placements)
    for pool in ("prefill", "decode"):
        members = [d for d in won.deployments if d.pool == pool]
        assert sum(d.requests_per_s for d in members) == pytest.approx(20.0)
        assert sum(d.share for d in members) == pytest.approx(1.0)


def test_each_pool_survives_a_node_and_carries_the_headroom(won: Plan) -> None:
    for pool in ("prefill", "decode"):
        each = {d.name: d.max_requests_per_s / d.dp for d in won.deployments if d.pool == pool}
        groups = sorted(
            sum(each[name] * n for name, n in p.replicas.items())
            for p in won.placements
            for _ in range(p.groups)
            if set(p.replicas) <= set(each)
        )
        assert sum(groups[:-1]) >= 20.0
        assert sum(groups) >= 24.0


def test_the_first_token_is_within_its_bound_and_its_limit(won: Plan) -> None:
    split = won.pools
    assert split is not None
    (part,) = split.parts
    assert part.tandem_s == split.tandem_p99_s["ttft"] <= part.bound_s <= 3.0
    assert split.tandem_p99_s["itl"] <= 0.025
    assert won.totals is not None and won.totals.p99_s == split.tandem_p99_s["ttft"]
    assert won.totals.degraded_p99_s is not None and won.totals.degraded_p99_s <= 3.0


def test_other_arrivals_hold_at_the_largest_rates(won: Plan) -> None:
    """The promise of the split itself: both pools at their limit, behind each other."""
    spec = make_spec(WINS)
    workload = chosen_workload(spec, catalog.load())
    prefill, decode = (
        next(d for d in won.deployments if d.pool == pool) for pool in ("prefill", "decode")
    )
    run = simulate_tandem(
        law_of(prefill),
        law_of(decode),
        workload.lengths,
        prefill_requests_per_s=prefill.max_requests_per_s / prefill.dp,
        decode_requests_per_s=decode.max_requests_per_s / decode.dp,
        handover=Handover(
            sent_s_per_token=prefill.transfer_s_per_token,
            received_s_per_token=decode.transfer_s_per_token,
        ),
        requests=20_000,
        seed=99,
        stream=workload.stream,
    )
    assert run.percentile("ttft", 0.99) <= 3.0
    assert run.percentile("itl", 0.99) - run.half_width("itl", 0.99) <= 0.025


def test_the_audit_confirms_it(won: Plan) -> None:
    assert won.audit and all(finding.holds for finding in won.audit)
    promises = " ".join(finding.promise for finding in won.audit)
    for part in ("prefill pool: capacity", "decode pool: capacity", "p1 then d1", "cache of a"):
        assert part in promises


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (lambda d: replace(d, transfer_s_per_token=d.transfer_s_per_token / 3), "time to move"),
        (lambda d: replace(d, kv_precision="fp8"), "formats"),
        (lambda d: replace(d, requests_per_s=d.requests_per_s * 2), "rates of deployments"),
    ],
)
def test_the_audit_finds_an_edited_pool(won: Plan, broken, promise: str) -> None:
    first, *others = won.deployments
    edited = replace(won, deployments=(broken(first), *others))
    found = audit(edited, make_spec(WINS), catalog.load(), replay=False)
    assert any(promise in f.promise and not f.holds for f in found)


def test_the_audit_finds_an_edited_split(won: Plan) -> None:
    assert won.pools is not None
    (part,) = won.pools.parts
    for field, value in (
        ("parts", (replace(part, prefill_limit_s=9.0),)),
        ("parts", (replace(part, prefill_percentile=0.5),)),
        ("parts", (replace(part, bound_s=0.1),)),
        ("parts", (replace(part, target=replace(part.target, limit_s=9.0)),)),
        ("moving_limit_s", 1e-3),
        ("kv_bytes_per_token", {"d1": 1.0}),
    ):
        edited = replace(won, pools=replace(won.pools, **{field: value}))
        found = audit(edited, make_spec(WINS), catalog.load(), replay=False)
        assert not all(f.holds for f in found), field


def test_the_condition_of_the_proof_is_said_of_pools_as_well(won: Plan) -> None:
    (line,) = (line for line in won.binding if line.startswith("condition: "))
    simulated, bounded = (int(word) for word in line.split() if word.isdigit() and word != "95")
    assert 0 < simulated < bounded
    quick = recommend(make_spec(SMALL | {"disaggregate": "only"}), front=False)
    assert quick.pools is not None
    assert not any(line.startswith("condition: ") for line in quick.binding)


def test_a_replay_finds_latencies_that_were_edited_throughout(won: Plan) -> None:
    """Stated of the tandem, of its parts and of the totals alike: the plan adds up."""
    assert won.pools is not None and won.totals is not None
    assert verify_plan(won).changed == ()
    faster = {metric: 0.7 * value for metric, value in won.pools.tandem_p99_s.items()}
    parts = tuple(replace(part, tandem_s=0.7 * (part.tandem_s or 0.0)) for part in won.pools.parts)
    edited = replace(
        won,
        pools=replace(won.pools, tandem_p99_s=faster, parts=parts),
        totals=replace(won.totals, p99_s=0.7 * won.totals.p99_s),
    )
    found = [finding.promise for finding in verify_plan(edited).changed]
    assert found == [
        f"p1 then d1: {metric} p99 is no better than the replay's lower limit"
        for metric in ("TTFT", "TPOT", "E2E")
    ]


def test_the_plan_holds_in_replay_with_a_node_down(
    won: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = verify_plan(won, failures=1)
    assert down.verdict == "holds"
    assert {r.deployment.split(", ")[1] for r in down.replays} == {
        "prefill nodes down",
        "decode nodes down",
    }
    monkeypatch.setattr(outage, "MOST_REPETITIONS", 1)
    failed = verify_plan(won, fail_at="2min:2min")
    assert [found.what for found in failed.outages] == ["prefill nodes down", "decode nodes down"]
    before = [
        phase for found in failed.outages for phase in found.phases if phase.phase == "before"
    ]
    assert len(before) == 2 and all(phase.verdict != "breaks" for phase in before)


def test_a_replay_finds_an_edited_law(won: Plan) -> None:
    first, *others = won.deployments
    faster = replace(first, step_law={**first.step_law, "d": 0.9 * first.step_law["d"]})
    found = verify_plan(replace(won, deployments=(faster, *others)))
    assert found.verdict == "breaks"
    assert any("d of the step law" in finding.promise for finding in found.changed)


def test_it_reads_back_and_shows_its_pools(won: Plan) -> None:
    assert from_json(to_json(won)) == won
    titles = [section.title for section in sections(won)]
    assert "Pools: prompts and tokens on replicas of their own" in titles
    assert "KV transfer" in to_html(won)


def test_pools_lose_where_nodes_are_few() -> None:
    plan = recommend(make_spec(SMALL | {"disaggregate": "auto"}), front=False)
    assert plan.pools is None
    lost = next(r for r in plan.runners_up if r.restriction == "prefill and decode pools")
    assert lost.cost_pct is not None and lost.cost_pct > 0


def test_by_default_nothing_is_compared_and_the_plan_says_so() -> None:
    plan = recommend(make_spec(SMALL), front=False, explain=False)
    assert any(a.flag == "--disaggregate auto" for a in plan.assumptions)


def test_a_step_of_a_sweep_is_the_plan_with_pools(facts) -> None:
    asked = SMALL | {"disaggregate": "only"}
    (step,) = what_if(make_spec(asked), "qps", ["60"], catalog=facts)
    plan = recommend(make_spec(asked | {"qps": "60"}), catalog=facts, front=False, explain=False)
    assert plan.totals is not None
    assert (step.cost_usd_per_h, step.p99_s) == (plan.totals.cost_usd_per_h, plan.totals.p99_s)
    assert step.answer.startswith("prefill: ") and "; decode: " in step.answer
    assert step.rates == plan.deployments[0].rate_basis == "closed form, 95 % lower factor"
    (none,) = what_if(make_spec(asked | {"budget": "$1/h"}), "qps", ["60"], catalog=facts)
    assert none.status == "infeasible" and none.answer.startswith("no pools meet the request")
    (refused,) = what_if(make_spec(asked), "minimize", ["energy"], catalog=facts)
    assert refused.status == "failed" and "compared on" in refused.answer


def test_fronts_refuse_pools() -> None:
    command = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()
               if name != "fast"]  # fmt: skip
    found = CliRunner().invoke(front_command, [*command, "--disaggregate=auto"])
    assert isinstance(found.exception, SpecError)


def test_a_plan_that_fails_says_that_pools_fail_as_well() -> None:
    asked = SMALL | {"disaggregate": "auto", "budget": "$1/h"}
    plan = recommend(make_spec(asked), front=False)
    assert plan.status == "infeasible"
    assert any(line.startswith("prefill and decode pools: none of") for line in plan.binding)


def test_only_pools_can_be_asked_for() -> None:
    plan = recommend(make_spec(SMALL | {"disaggregate": "only"}), front=False)
    assert plan.pools is not None
    assert plan.pools.tandem_p99_s == {}  # closed forms with --fast
    assert plan.totals is not None and plan.totals.p99_s == plan.pools.parts[0].bound_s
    assert all(finding.holds for finding in plan.audit)
    none = recommend(make_spec(SMALL | {"disaggregate": "only", "ttft_p99": "70ms"}), front=False)
    assert (none.status, none.deployments) == ("infeasible", ())
    with pytest.raises(SpecError, match="without a TTFT or E2E target"):
        wrong = {k: v for k, v in SMALL.items() if k != "ttft_p99"}
        recommend(make_spec(wrong | {"disaggregate": "only"}))


def test_pools_that_were_asked_for_are_not_missed_on_safe_rates() -> None:
    """Closed forms need $118/h, simulated rates $94.40/h: a budget between them is enough."""
    asked = SMALL | {"qps": "200", "disaggregate": "only"}
    safe = recommend(make_spec(asked), front=False, explain=False)
    assert safe.totals is not None
    budget = 0.9 * safe.totals.cost_usd_per_h
    found = recommend(make_spec(asked | {"budget": f"${budget}/h"}), front=False, explain=False)
    assert found.status == "optimal"
    assert found.totals is not None
    assert found.totals.cost_usd_per_h <= budget
