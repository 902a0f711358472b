"""While a period is prepared, the one before still runs: limits on what runs at once hold for both.

    at once = nodes just before + nodes started      per offer
    of it: power (nameplate), accelerators, nodes, stock of an offer

Only where nodes take time to start (`--start-up`); without it each period is looked at by itself.
"""

from collections import Counter
from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.day import started
from recommender.audit.finding import at_most
from recommender.plan import Finding, Plan
from recommender.request.spec import Spec


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Each limit, at the moment of the day that takes most of it."""
    if not plan.periods or not spec.start_up:
        return
    moments = [_at_once(plan, number, catalog) for number in range(len(plan.periods))]
    offers = {name: catalog.offers[name] for nodes in moments for name in nodes}
    watts = {name: offer.nameplate_power_w for name, offer in offers.items()}
    accelerators = {name: float(offer.node_accelerators) for name, offer in offers.items()}
    stated = (
        ("power", watts, spec.power, "W"),
        ("accelerators", accelerators, spec.max_accelerators, "accelerators"),
        ("nodes", dict.fromkeys(offers, 1.0), spec.max_nodes, "nodes"),
    )
    for what, each, limit, unit in stated:
        if limit is not None:
            most = max(sum(n * each[name] for name, n in nodes.items()) for nodes in moments)
            yield at_most(f"{what} while nodes start beside others", most, limit, unit)
    for name, offer in offers.items():
        if offer.stock is not None:
            most = max(nodes[name] for nodes in moments)
            promise = f"stock of {name} while nodes start beside others"
            yield at_most(promise, most, offer.stock, "nodes")


def _at_once(plan: Plan, number: int, catalog: Catalog) -> Counter[str]:
    """Offer -> nodes that run while a period is prepared."""
    nodes = Counter({n.offer: n.nodes for n in plan.periods[number - 1].nodes})
    for kind, count in started(plan, number, catalog):
        nodes[kind[0]] += count
    return nodes
