"""A plan says what step times of experts over nodes rest on, and only there."""

from types import SimpleNamespace

import pytest

import catalog
from recommender.explanation.warnings import _exchanged_over_nodes


def sentences(accelerator="H100 80GB SXM5", engine="vllm", **cut):
    shipped = catalog.load()
    degrees = {"tp": 1, "adp": 16, "ep": 16, "nodes_per_replica": 2, **cut}
    deployment = SimpleNamespace(name="deployment 1", accelerator=accelerator, **degrees)
    request = SimpleNamespace(catalog=shipped, engine=shipped.engines[engine])
    return list(_exchanged_over_nodes(request, SimpleNamespace(deployments=[deployment])))


@pytest.mark.parametrize(
    ("engine", "flag"), [("vllm", "--enable-dbo"), ("sglang", "--enable-two-batch-overlap")]
)
def test_names_the_flag_of_the_engine(engine, flag):
    (sentence,) = sentences(engine=engine)
    assert flag in sentence
    assert "DeepEP" in sentence


def test_an_engine_without_overlap_names_none():
    (sentence,) = sentences(engine="trtllm")
    assert "--enable" not in sentence


@pytest.mark.parametrize(
    "cut",
    [
        {"nodes_per_replica": 1, "adp": 8, "ep": 8},
        {"adp": 1, "tp": 8, "ep": 1},
        {"adp": 4, "tp": 4, "ep": 1},
        {"accelerator": "GB200 186GB (per GPU, NVL72)", "nodes_per_replica": 4},
    ],
    ids=["one node", "pipeline", "experts cut by tensor parallelism", "inside a rack"],
)
def test_silent_elsewhere(cut):
    assert sentences(**cut) == []
