"""The grid of layouts: accelerators = pp * tp * adp, ep in {1, tp * adp}, whole nodes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.schema import Accelerator
from recommender.enumeration.layout_space import (
    CHUNK_TOKENS,
    MAX_BATCH,
    MOST_NODES,
    WIDEST_TP,
    engine_settings,
    parallel_cuts,
)
from recommender.hardware import Hardware

SIZES = [1, 2, 4, 8, 16]


def hardware(node, domain=1, per_node=None, network=None):
    """A node of `node` accelerators out of a chassis of `per_node`."""
    row = Accelerator(
        name="X",
        vendor="V",
        architecture="A",
        form="SXM",
        memory_gb=80,
        memory_bandwidth_gb_per_s=3000,
        scale_up_domain=domain,
        accelerators_per_node=per_node or node,
        source="test",
    )
    return Hardware(row, node, network)


machines = st.builds(
    hardware,
    node=st.sampled_from(SIZES),
    domain=st.sampled_from([1, 2, 4, 8, 16, 32, 72]),
    per_node=st.sampled_from([1, 2, 4, 8, 16]),
    network=st.sampled_from([None, 50.0]),
)


@pytest.fixture(scope="session")
def models(facts):
    return [facts.model(name) for name in ("8b", "70b", "405b", "236b", "qwen3-235b-a22b")]


@pytest.fixture(scope="session")
def vllm(facts):
    return facts.engine("vllm")


def cuts(model, machine, engine):
    return list(parallel_cuts(model, machine, engine))


@given(machine=machines, which=st.integers(0, 4))
def test_every_cut(machine, which, models, vllm):
    model = models[which]
    node, reach = machine.node_accelerators, max(machine.node_accelerators, machine.domain)
    found = cuts(model, machine, vllm)
    assert found
    assert len(set(found)) == len(found)
    for cut in found:
        assert cut.accelerators == cut.pp * cut.tp * cut.adp
        assert cut.ep in {1, cut.tp * cut.adp}
        assert cut.tp in {1, 2, 4, 8, 16} and cut.tp <= min(reach, WIDEST_TP)
        if not model.is_moe:
            assert (cut.adp, cut.ep) == (1, 1)
        if cut.pp > 1:
            assert (cut.adp, cut.ep) == (1, 1)
        if cut.accelerators > node:  # a replica that spans nodes takes them whole
            assert cut.accelerators % node == 0
        if cut.accelerators > reach:  # and needs a network that is known
            assert machine.network_gb_per_s is not None
            assert cut.accelerators // node <= MOST_NODES


def test_one_accelerator_of_a_dense_model_has_one_cut(models, vllm):
    (only,) = cuts(models[0], hardware(1), vllm)
    assert (only.tp, only.pp, only.adp, only.ep) == (1, 1, 1, 1)


def test_a_node_of_two_on_paper(models, vllm):
    """tp pp in {1 1, 2 1, 1 2}; with experts also adp 2, and ep = tp * adp of each that is > 1."""
    dense = {(c.tp, c.pp, c.adp, c.ep) for c in cuts(models[0], hardware(2), vllm)}
    assert dense == {(1, 1, 1, 1), (2, 1, 1, 1), (1, 2, 1, 1)}
    experts = {(c.tp, c.pp, c.adp, c.ep) for c in cuts(models[3], hardware(2), vllm)}
    assert experts == dense | {(2, 1, 1, 2), (1, 1, 2, 1), (1, 1, 2, 2)}


def test_a_rack_reaches_over_its_trays(models, vllm):
    """GB200: trays of 4 in a domain of 72: 8 and 16 accelerators without any network."""
    wide = {c.accelerators for c in cuts(models[3], hardware(4, domain=72), vllm)}
    assert {8, 16} <= wide
    assert max(c.tp for c in cuts(models[3], hardware(4, domain=72), vllm)) == WIDEST_TP


def test_without_a_network_nothing_leaves_the_node(models, vllm):
    inside = cuts(models[3], hardware(8, domain=8), vllm)
    assert max(c.accelerators for c in inside) == 8
    across = cuts(models[3], hardware(8, domain=8, network=50.0), vllm)
    assert set(inside) <= set(across)
    assert max(c.accelerators for c in across) == 8 * MOST_NODES


@pytest.mark.parametrize(
    ("ability", "degree"),
    [("pipeline_parallel", "pp"), ("attention_data_parallel", "adp"), ("expert_parallel", "ep")],
)
def test_what_an_engine_cannot_do_is_not_proposed(models, vllm, ability, degree):
    machine = hardware(8, domain=8, network=50.0)
    assert max(getattr(c, degree) for c in cuts(models[3], machine, vllm)) > 1
    without = vllm.model_copy(update={ability: False})
    assert {getattr(c, degree) for c in cuts(models[3], machine, without)} == {1}


def test_engine_settings_are_every_batch_limit_and_chunk_budget(models, vllm):
    cut = replace(cuts(models[3], hardware(8), vllm)[-1], precision="", kv_precision="")
    settings = list(engine_settings(cut, "fp8", "bf16"))
    assert {(s.max_batch, s.chunk_tokens) for s in settings} == {
        (batch, chunk) for batch in MAX_BATCH for chunk in CHUNK_TOKENS
    }
    for s in settings:
        assert (s.precision, s.kv_precision) == ("fp8", "bf16")
        assert (s.tp, s.pp, s.adp, s.ep) == (cut.tp, cut.pp, cut.adp, cut.ep)
