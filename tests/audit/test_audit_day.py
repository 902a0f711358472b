"""What a day starts, by the audit's own count of groups."""

from types import SimpleNamespace

from recommender.audit.day import started

SHAPE = {
    "precision": "fp8", "kv_precision": "fp8", "tp": 1, "pp": 1, "adp": 1, "ep": 1,
    "max_batch": 64, "chunk_tokens": 2048, "engine": "vllm", "sharing": "",
    "instances_per_accelerator": 1,
}  # fmt: skip
CATALOG = SimpleNamespace(offers={"cloud": SimpleNamespace(terms="on_demand", usd_per_h=2.0)})


def period(**groups):
    """Model -> groups of one node; names of deployments start anew."""
    deployments = tuple(
        SimpleNamespace(name=f"d{i}", model=model, **SHAPE) for i, model in enumerate(groups)
    )
    placements = tuple(
        SimpleNamespace(offer="cloud", zone="", replicas={d.name: 8}, groups=n, nodes_per_group=1)
        for d, n in zip(deployments, groups.values(), strict=True)
    )
    return SimpleNamespace(deployments=deployments, placements=placements)


def test_groups_of_two_models_are_two_kinds():
    """3 of a by night; by day 1 of a, 4 of b: all 4 are started, and 2 of a again at night."""
    plan = SimpleNamespace(periods=(period(a=3), period(b=4, a=1)))
    assert [nodes for _, nodes in started(plan, 1, CATALOG)] == [4]
    assert [nodes for _, nodes in started(plan, 0, CATALOG)] == [2]
