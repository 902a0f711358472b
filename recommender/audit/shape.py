"""Counts, re-derived: what the layout says of a replica, and what fits on the nodes.

accelerators of a replica = pp * tp * adp        nodes of a replica = whole nodes
ep is 1 or tp * adp                              replicas of a group fit on its nodes
tp at most what the scale-up link joins: a node, or the nodes of a rack
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil

from catalog import Catalog
from recommender.audit.finding import at_most, equal, group_name
from recommender.plan import Deployment, Finding, Placement, Plan


def findings(plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """Counts follow from the layouts, and every group has room for its replicas."""
    if plan.totals is None:
        return
    for d in plan.deployments:
        yield from _counts(d, plan, catalog)
    deployments = {d.name: d for d in plan.deployments}
    for placement in plan.placements:
        yield from _room(placement, deployments, catalog)
    yield equal("nodes", plan.totals.nodes, sum(n.nodes for n in plan.nodes), "nodes")


def _counts(d: Deployment, plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    replica = d.pp * d.tp * d.adp
    node = catalog.offers[d.offer].node_accelerators
    accelerators = ceil(d.dp * replica / d.instances_per_accelerator)
    nodes = sum(p.groups * p.nodes_per_group for p in plan.placements if d.name in p.replicas)
    stated = (
        ("accelerators of a replica", d.accelerators_per_replica, replica, "accelerators"),
        ("accelerators", d.accelerators, accelerators, "accelerators"),
        ("expert parallel", d.ep, d.tp * d.adp if d.ep > 1 else 1, "accelerators"),
        ("nodes of a replica", d.nodes_per_replica, ceil(replica / node), "nodes"),
        ("nodes", d.nodes, nodes, "nodes"),
    )
    for promise, value, rederived, unit in stated:
        yield equal(f"{d.name}: {promise}", value, rederived, unit)
    most_joined = _joined(d, node, catalog)
    yield at_most(f"{d.name}: tensor parallel over one link", d.tp, most_joined, "accelerators")
    if law := d.step_law:
        most: float = min(d.max_batch, d.chunk_tokens) if d.pool == "decode" else d.max_batch
        drafted = law.get("verified_tokens", 1.0)  # of the budget, per sequence
        if drafted > 1:
            most = min(most, d.pp * d.chunk_tokens // drafted)
        yield equal(f"{d.name}: sequences in a batch", most, law["max_batch"], "sequences")
        # with stages, the law's budget is that of a round; decode replicas get no prompts
        if d.pp == 1 and d.pool != "decode":
            yield equal(f"{d.name}: token budget", d.chunk_tokens, law["chunk_tokens"], "tokens")
        yield equal(f"{d.name}: attention ranks of the law", law["ranks"], d.adp, "ranks")


def _joined(d: Deployment, node: int, catalog: Catalog) -> int:
    """Accelerators that reach each other without the network [count]."""
    accelerator = catalog.accelerators[d.accelerator]
    racked = accelerator.scale_up_domain > accelerator.accelerators_per_node
    return max(node, accelerator.scale_up_domain) if racked else node


def _room(
    placement: Placement, deployments: Mapping[str, Deployment], catalog: Catalog
) -> Iterator[Finding]:
    node = catalog.offers[placement.offer].node_accelerators
    ranks: Counter[tuple[str, int]] = Counter()  # an accelerator is cut in one way
    for name, count in placement.replicas.items():
        d = deployments[name]
        ranks[d.sharing, d.instances_per_accelerator] += count * d.pp * d.tp * d.adp
    used = sum(ceil(count / instances) for (_, instances), count in ranks.items())
    yield at_most(
        f"{group_name(placement)}: fits on its {placement.nodes_per_group} node(s)",
        used,
        placement.nodes_per_group * node,
        "accelerators",
    )
    if placement.nodes_per_group > 1:
        count = sum(placement.replicas.values())
        yield equal(f"{group_name(placement)}: spans nodes", count, 1, "replicas")
