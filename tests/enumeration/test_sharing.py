"""Instances that share an accelerator: what each has of it, what the plan buys, what is refused."""

from dataclasses import replace

import pytest

from recommender import Spec, recommend
from recommender.audit import audit
from recommender.audit.shared import findings as shared_findings
from recommender.decision.study_of import study_of
from recommender.enumeration.shared_hardware import shared_accelerators, too_few_processors
from recommender.errors import SpecError
from recommender.explanation.plan_of import plan_of
from recommender.request.spec_file import make_spec

SMALL = {
    "model": "Qwen/Qwen2.5-0.5B",
    "qps": "300",
    "p99": "500ms",
    "fast": True,
    "gpu": "H100",
    "provider": "nebius",
}
H100 = "H100 80GB SXM5"


def solve(facts, **more):
    """The plan and what its audit says."""
    plan = recommend(Spec(**(SMALL | more)), catalog=facts, front=False, explain=False)
    assert plan.status == "optimal"
    assert [f.promise for f in plan.audit if not f.holds] == []
    return plan


def test_slices_of_an_h100(facts):
    whole = facts.accelerators[H100]
    parts = {
        sharing.profile: (part, sharing.instances)
        for part, sharing in shared_accelerators(whole, "mig", facts)
    }
    assert {name: count for name, (_, count) in parts.items()} == {
        "1g.10gb": 7,
        "1g.20gb": 4,
        "2g.20gb": 3,
        "3g.40gb": 2,
    }
    slice_, _ = parts["3g.40gb"]  # 4 of 8 memory slices, 3 of 7 compute slices of 84.8 %
    assert slice_.memory_bytes == pytest.approx(whole.memory_bytes / 2)
    assert slice_.memory_bandwidth_gb_per_s == pytest.approx(whole.memory_bandwidth_gb_per_s / 2)
    assert slice_.bf16_tflops == pytest.approx(whole.bf16_tflops * 3 / 7 * 0.848)
    assert slice_.scale_up_domain == 1


def test_all_slices_together_are_at_most_the_accelerator(facts):
    for row in facts.mig_profiles:
        assert row.instances * row.memory_share <= 1
        assert row.instances * row.compute_share <= 1


def test_colocated_instances_split_memory_only(facts):
    whole = facts.accelerators[H100]
    for part, sharing in shared_accelerators(whole, "colocated", facts):
        assert part.memory_bytes == pytest.approx(whole.memory_bytes / sharing.instances)
        assert part.bf16_tflops == whole.bf16_tflops


def test_nothing_is_shared_unless_asked(facts):
    whole = facts.accelerators[H100]
    assert list(shared_accelerators(whole, "off", facts)) == []
    assert len(list(shared_accelerators(whole, "both", facts))) == 6
    amd = facts.accelerators["MI300X"]
    assert list(shared_accelerators(amd, "mig", facts)) == []  # no profile, no slices


def test_every_instance_needs_processors():
    assert too_few_processors(12, 2) is None
    assert "need 18 vCPUs > 12 of the node" in too_few_processors(12, 3)
    assert "unknown" in too_few_processors(None, 2)


def test_a_small_model_takes_fewer_accelerators(facts):
    """A 0.5B model leaves an H100 waiting for its host: two slices carry more than one whole."""
    alone, shared = solve(facts), solve(facts, share="mig")
    assert shared.totals.cost_usd_per_h < alone.totals.cost_usd_per_h
    (d,) = [d for d in shared.deployments if d.sharing]
    assert (d.sharing, d.instances_per_accelerator, d.basis) == ("mig-3g.40gb", 2, "transferred")
    assert d.accelerators == -(-d.dp // 2) and d.accelerators_per_replica == 1
    # 16 vCPUs of the single-H100 node: two engines of six, not seven
    assert d.vram_usable_gib == pytest.approx(facts.accelerators[H100].memory_bytes / 2**31)
    assert shared.funnel.rejected["processors"] > 0
    assert any("instances share an accelerator" in line for line in shared.warnings)


def test_one_request_a_second_of_8b_gains_nothing(facts):
    """The node is bought whole and one whole H100 carries it: sharing is no cheaper."""
    cost = {
        share: solve(facts, model="8b", qps="1", share=share).totals.cost_usd_per_h
        for share in ("off", "mig", "colocated", "both")
    }
    assert len(set(cost.values())) == 1


@pytest.mark.parametrize("share", ["mig", "colocated", "both"])
def test_allowing_to_share_never_hurts(facts, share):
    assert (
        solve(facts, share=share).totals.cost_usd_per_h <= solve(facts).totals.cost_usd_per_h + 1e-9
    )


def test_power_counts_parts_of_accelerators(facts):
    """A full node of slices draws no more than its nameplate, and about as much as a whole one."""
    plan = solve(facts, share="mig")
    assert plan.totals.power_w < plan.totals.power_nameplate_w
    assert plan.totals.accelerators == sum(n.nodes * n.node_accelerators for n in plan.nodes)


def test_an_accelerator_of_slices_reads_the_weights_once_per_slice(facts):
    """Each of m engines reads all weights in its step: together m times the energy of one."""
    table = study_of(Spec(**SMALL, share="both"), catalog=facts).table
    step_j = {}
    for position, layout in enumerate(table.layouts):
        if (layout.tp, layout.pp, layout.precision, layout.max_batch) == (1, 1, "bf16", 256):
            instances = table.hardware[table.hardware_index[position]].instances
            step_j[table.sharing(position)] = float(table.law.step_j[position]) / instances
    assert {"", "mig-3g.40gb", "shared-by-2"} <= set(step_j)
    for joules in step_j.values():
        assert joules == pytest.approx(step_j[""], rel=0.1)


def test_shared_laws_are_slower_than_the_whole(facts):
    study = study_of(Spec(**SMALL, share="both"), catalog=facts)
    table = study.table
    idle = {}
    for position in range(len(table)):
        hardware = table.hardware[table.hardware_index[position]]
        layout = table.layouts[position]
        if layout.tp == 1 and layout.pp == 1 and layout.precision == "bf16":
            key = (layout.max_batch, layout.chunk_tokens, hardware.node_accelerators)
            idle[str(hardware.sharing), *key[:2]] = float(table.law.d[position])
    for (sharing, *settings), prompt_token_s in idle.items():
        if sharing != "None":
            assert prompt_token_s > idle["None", *settings]


def test_a_slice_that_does_not_exist_is_found(facts):
    plan = solve(facts, share="mig")
    wrong = replace(
        plan,
        deployments=tuple(
            replace(d, instances_per_accelerator=3) if d.sharing else d for d in plan.deployments
        ),
    )
    broken = [f.promise for f in shared_findings(wrong, facts) if not f.holds]
    assert any("instances of mig-3g.40gb" in promise for promise in broken)
    assert any("processors of a node" in promise for promise in broken)


@pytest.mark.parametrize("kind", ["mig", "colocated"])
def test_the_audit_agrees_with_plans_of_shared_accelerators_only(facts, kind):
    spec = Spec(**SMALL, share="both")
    study = study_of(spec, catalog=facts)

    def shared(position):
        sharing = study.table.hardware[study.table.hardware_index[position]].sharing
        return sharing is not None and sharing.kind == kind

    plan = plan_of(study, study.decide(allowed=shared))
    assert plan.deployments and all(d.instances_per_accelerator > 1 for d in plan.deployments)
    found = audit(plan, spec, facts, replay=False)
    assert [finding.promise for finding in found if not finding.holds] == []
    assert plan.totals.power_w < plan.totals.power_nameplate_w


def test_what_cannot_be_read():
    with pytest.raises(SpecError, match="'off', 'mig', 'colocated' or 'both'"):
        make_spec({"model": "8b", "qps": "1", "p99": "1s", "share": "maybe"})


def test_a_slice_with_the_law_of_the_whole_was_edited(facts):
    """Replays size step laws again, those of a slice as those of a slice."""
    from recommender.request.request import resolve
    from recommender.verification.changed import _law

    plan, request = solve(facts, share="mig"), resolve(Spec(**SMALL, share="mig"), facts)
    (d,) = [d for d in plan.deployments if d.sharing]
    assert all(finding.holds for finding in _law(d, request, None))
    study = study_of(Spec(**SMALL), catalog=facts)
    whole = {
        (x.tp, x.pp, x.max_batch, x.chunk_tokens, x.precision): study.table.law.take(position)
        for position, x in enumerate(study.table.layouts)
    }[1, 1, d.max_batch, d.chunk_tokens, d.precision]
    edited = replace(d, step_law={**d.step_law, "d": float(whole.d)})
    assert not all(finding.holds for finding in _law(edited, request, None))
