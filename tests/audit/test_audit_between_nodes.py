"""Traffic between the nodes of a replica: counted by hand, found when the network is too slow."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from catalog.calibration import load_calibration
from recommender.audit.between_nodes import _joined_by_network, bytes_per_token, findings
from recommender.hardware import Hardware
from recommender.performance.communication import communication
from recommender.performance.interconnect import NETWORK_LATENCY_S, links
from recommender.performance.model_shape import model_shape
from recommender.request.chosen_workload import chosen_workload
from recommender.sizing import collectives


def test_a_pipeline_over_nodes_sends_activations_once(planned, facts):
    plan, spec = planned("spans nodes")
    model = facts.model(spec.model)
    spanning = [d for d in plan.deployments if d.nodes_per_replica > 1]
    assert spanning
    for d in spanning:
        if d.pp >= d.nodes_per_replica:
            assert bytes_per_token(d, model, ends=d.nodes_per_replica) == 2 * model.hidden
        # attention ranks without expert ranks: 4 h to the other node, of half of the tokens
        ranks = replace(d, pp=1, adp=2, ep=1, nodes_per_replica=2)
        assert bytes_per_token(ranks, model, ends=2) == 2 * model.expert_layers * model.hidden
        # tensor parallel over two nodes: 2 all-reduces * layers * 2 h * 2 * 1/2
        cut = replace(d, pp=1, adp=1, nodes_per_replica=2)
        assert bytes_per_token(cut, model, ends=2) == 4 * model.layers * model.hidden


@pytest.mark.parametrize(
    ("name", "reduces"), [("tiiuae/falcon-180B", 80), ("nvidia/Nemotron-H-56B-Base-8K", 118)]
)
def test_parallel_and_single_blocks_reduce_once_a_layer(facts, name, reduces):
    model = facts.model(name)
    cut = SimpleNamespace(pp=1, adp=1, ep=1, nodes_per_replica=2)
    assert bytes_per_token(cut, model, ends=2) == 2 * reduces * model.hidden


def test_experts_over_nodes_by_hand(facts):
    """8 of 256 experts on 4 nodes: 3 * (1 - 0.75^8) = 2.70 others reached, 3 h each, a quarter of
    the tokens: 58 layers * 21.5 kB * 0.675 = 842 kB.
    """
    model = facts.model("deepseek-v3")
    d = SimpleNamespace(pp=1, adp=32, ep=32, nodes_per_replica=4)
    assert bytes_per_token(d, model, ends=4) == pytest.approx(58 * 3 * 7168 * 2.7 / 4, rel=1e-3)
    # two stages of two nodes: 29 layers each, 1 - 0.5^8 = 0.996 others, half of the tokens
    staged = SimpleNamespace(pp=2, adp=16, ep=16, nodes_per_replica=4)
    by_hand = 29 * 3 * 7168 * 0.996 / 2
    assert bytes_per_token(staged, model, ends=4) == pytest.approx(by_hand, rel=1e-3)


def test_racks_over_the_network_by_hand(facts):
    """144 GB200 in 36 nodes are two racks: 0.996 others, half of the tokens, by 18 nodes each."""
    model = facts.model("deepseek-v3")
    d = SimpleNamespace(
        accelerator="GB200 186GB (per GPU, NVL72)", pp=1, tp=1, adp=144, ep=144,
        nodes_per_replica=36,
    )  # fmt: skip
    assert _joined_by_network(d, facts) == 2
    by_hand = 58 * 3 * 7168 * 0.996 / 2 / 18
    assert bytes_per_token(d, model, ends=2) == pytest.approx(by_hand, rel=1e-3)
    d.adp, d.nodes_per_replica = 16, 4
    assert _joined_by_network(d, facts) == 1


@pytest.mark.parametrize(
    ("accelerator", "node", "adp"),
    [("H100 80GB SXM5", 8, 16), ("GH200 96GB", 1, 2), ("GH200 96GB", 1, 4)],
)
def test_no_step_sends_less_than_the_audit_counts(facts, accelerator, node, adp):
    """Prompts are forwarded once to a node: 3.03 of the 3 bytes, at 0.8 of the network."""
    model = facts.model("deepseek-v3")
    nodes = adp // node
    d = SimpleNamespace(pp=1, adp=adp, ep=adp, nodes_per_replica=nodes)
    hardware = Hardware(facts.accelerators[accelerator], node, 25.0)
    one, stage = np.ones(1), np.full(1, float(adp))
    table = SimpleNamespace(
        tp=one, pp=one, adp=stage, ep=stage, stage_accelerators=stage, compute_bits=8 * one
    )
    over = links(hardware=hardware, tp=one, stage=stage, calibration=load_calibration())
    sent = communication(
        shape=model_shape(model), table=table, links=over, layers=61 * one, expert_layers=58 * one
    )
    # of each token of the replica a node computes 1 / nodes, on `node` accelerators at once
    seconds = sent.exchange_prompt_token_s[0] / nodes / node
    assert seconds >= bytes_per_token(d, model, ends=nodes) / 25e9
    assert seconds == pytest.approx(bytes_per_token(d, model, ends=nodes) / 20e9, rel=0.02)


def test_a_slow_network_is_found(planned, facts):
    plan, spec = planned("spans nodes")
    lengths = chosen_workload(spec, facts).lengths
    found = list(findings(plan, spec, facts, lengths))
    assert found and all(finding.holds for finding in found)
    slow = {
        name: offer.model_copy(update={"network_gb_per_s": 1e-4})
        for name, offer in facts.offers.items()
    }
    assert not all(f.holds for f in findings(plan, spec, replace(facts, offers=slow), lengths))


def test_replicas_of_one_node_and_of_one_rack_need_no_network(planned, facts):
    for name in ("8b", "236b"):
        plan, spec = planned(name)
        lengths = chosen_workload(spec, facts).lengths
        names = {d.name for d in plan.deployments if "NVL72" in d.accelerator or d.nodes == 1}
        found = findings(plan, spec, facts, lengths)
        assert not {f.promise.partition(":")[0] for f in found} & names


@pytest.mark.parametrize("network", [25.0, 400.0])
def test_step_times_assume_no_more_than_the_network(facts, network):
    """Eight accelerators of a node together have its network, and reach a share of it."""
    node = Hardware(facts.accelerators["H100 80GB SXM5"], 8, network)
    over = links(
        hardware=node,
        tp=np.array([8.0, 16.0]),
        stage=np.array([8.0, 16.0]),
        calibration=load_calibration(),
    )
    most = network * 1e9
    assert 8 * over.hop_bandwidth[0] <= 0.7 * most * (1 + 1e-9)
    assert 8 * over.exchange_network[1] <= most * (1 + 1e-9)
    assert max(collectives.MESSAGES_SHARE, collectives.FORWARDED_SHARE) < 1
    assert over.reduce_bandwidth[1] <= most
    assert over.hop_latency_s[0] == NETWORK_LATENCY_S
