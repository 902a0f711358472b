"""Lies that one check alone can find: each is caught by that check, by its words."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from recommender.audit import audit

GIB = 2**30


def broken(plan, spec, facts):
    return [f.promise for f in audit(plan, spec, facts, replay=False) if not f.holds]


def with_first(plan, part, **changes):
    first, *others = getattr(plan, part)
    return replace(plan, **{part: (replace(first, **changes), *others)})


def with_law(plan, **changes):
    law: Mapping[str, float] = plan.deployments[0].step_law
    return with_first(plan, "deployments", step_law={**law, **changes})


def overloaded(plan):
    """The first deployment carries more than it can, the second so much less."""
    first, second, *others = plan.deployments
    more = 1.03 * first.max_requests_per_s - first.requests_per_s
    moved = (
        replace(first, requests_per_s=first.requests_per_s + more),
        replace(second, requests_per_s=second.requests_per_s - more),
    )
    return replace(plan, deployments=(*moved, *others))


def said_otherwise(plan):
    first_s, *others = plan.deployments[0].targets_s
    return with_first(plan, "deployments", targets_s=(0.97 * first_s, *others))


def less_beside(plan):
    """A hundredth of a GiB less beside weights and cache, and so much more cache."""
    first = plan.deployments[0]
    changes = {
        "overhead_gib": first.overhead_gib - 0.01,
        "kv_cache_gib": first.kv_cache_gib + 0.01,
    }
    return with_first(plan, "deployments", **changes)


LIES = {
    "more than it can": ("mixed", overloaded, "carries no more than it can"),
    "faster than a step": (
        "8b",
        lambda p: with_first(p, "deployments", tpot_p99_s=0.97 * p.deployments[0].step_law["a"]),
        "TPOT p99 above its bound",
    ),
    "two figures": ("8b", said_otherwise, "said twice"),
    "ranks": ("8b", lambda p: with_law(p, ranks=2.0), "attention ranks of the law"),
    "two on two nodes": (
        "spans nodes",
        lambda p: with_first(
            p, "placements", replicas={name: 2 for name in p.placements[0].replicas}
        ),
        "spans nodes",
    ),
    "activations": ("8b", less_beside, "memory beside weights and cache"),
    "experts of none": ("70b", lambda p: with_first(p, "deployments", ep=2), "experts are spread"),
    "a zone of no one": (
        "8b",
        lambda p: with_first(p, "placements", zone="zone 1"),
        "that are none",
    ),
    "not bought": ("mixed", lambda p: replace(p, nodes=p.nodes[1:]), "stand in no purchase"),
}


@pytest.mark.parametrize("lie", LIES)
def test_it_is_found(lie, planned, facts):
    name, change, promise = LIES[lie]
    plan, spec = planned(name)
    assert any(promise in f for f in broken(change(plan), spec, facts))


def with_offer(facts, name, **changes):
    offers = {**facts.offers, name: facts.offers[name].model_copy(update=changes)}
    return replace(facts, offers=offers)


@pytest.mark.parametrize(("share", "holds"), [(1.0, True), (0.97, False)])
def test_drives_hold_the_weights_to_the_last_part(share, holds, planned, facts):
    plan, spec = planned("8b")
    d = plan.deployments[0]
    weights_gb = d.weights_gib * d.tp * d.pp * d.adp * GIB / 1e9
    drives = {"local_storage_gb": share * weights_gb, "local_storage_read_gb_per_s": 5.0}
    sold = with_offer(facts, d.offer, **drives)
    loaded = with_first(plan, "deployments", load_time_s=weights_gb / 5)
    found = broken(loaded, spec.model_copy(update={"max_load_time": 60.0}), sold)
    assert (f"{d.name}: drives hold the weights" in found) is not holds
    assert not {f"{d.name}: load time", f"{d.name}: time to read the weights"} & set(found)


def test_a_time_to_load_from_unknown_drives(planned, facts):
    plan, spec = planned("8b")
    offer = plan.deployments[0].offer
    unknown = with_offer(facts, offer, local_storage_read_gb_per_s=None)
    timed = with_first(plan, "deployments", load_time_s=3.0)
    assert any("time to read the weights" in f for f in broken(timed, spec, unknown))


def test_an_accelerator_is_cut_in_one_way(planned, facts):
    """A half and a quarter of an accelerator: of two, all the same."""
    plan, spec = planned("8b")
    d, p = plan.deployments[0], plan.placements[0]
    one = next(o for o in facts.offers.values() if o.node_accelerators == 1)
    cut = {"tp": 1, "pp": 1, "adp": 1, "accelerator": one.accelerator, "offer": one.name}
    halves = replace(d, **cut, sharing="shared-by-2", instances_per_accelerator=2)
    quarters = replace(d, **cut, name="d2", sharing="shared-by-4", instances_per_accelerator=4)
    group = replace(p, offer=one.name, groups=1, nodes_per_group=1, replicas={d.name: 1, "d2": 1})
    together = replace(
        plan, deployments=(halves, quarters), placements=(group,), nodes=plan.nodes[:1]
    )
    assert any("fits on its 1 node" in f for f in broken(together, spec, facts))
