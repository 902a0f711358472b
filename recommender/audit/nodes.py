"""What single nodes must be, re-derived from the catalogue: delivery, cooling, drives, network.

lead time    the offer's own figure; 0 on demand, on spot and of owned nodes
load time    weights of the replica's accelerators on a node / read speed of its drives
network      carried rate of a node's replicas * (8 B a prompt token + 512 B an output token),
             at their largest rate, of the node's network; the bytes are an assumption
"""

from collections.abc import Iterator
from math import inf

from catalog import Catalog
from catalog.schema import Offer
from recommender.audit.conversions import GIB
from recommender.audit.finding import at_least, at_most, equal, group_name
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec
from recommender.workload import Lengths

BYTES_OF_PROMPT_TOKEN = 8
BYTES_OF_OUTPUT_TOKEN = 512


def findings(plan: Plan, spec: Spec, catalog: Catalog, lengths: Lengths) -> Iterator[Finding]:
    """Each limit on nodes that the spec states, and the load times that the plan states."""
    if plan.totals is None:
        return
    for name in sorted({n.offer for n in plan.nodes}):
        offer = catalog.offers[name]
        if spec.within is not None:
            yield at_most(f"{name}: lead time", _lead_time(offer), spec.within, "days")
        if spec.cooling is not None:
            right = float(_cooling(offer, catalog) == spec.cooling)
            yield equal(f"{name} is cooled by {spec.cooling}", 1.0, right, "")
    for d in plan.deployments:
        yield from _load_time(d, spec, catalog.offers[d.offer])
    if spec.max_network_share is not None:
        yield from _network(plan, spec, catalog, lengths)


def _lead_time(offer: Offer) -> float:
    if offer.lead_time_days is not None:
        return offer.lead_time_days
    return inf if offer.terms.startswith("reserved") else 0.0


def _cooling(offer: Offer, catalog: Catalog) -> str | None:
    if offer.cooling is not None:
        return offer.cooling
    name = offer.nameplate_basis.rpartition("chassis ")[2]
    chassis = catalog.chassis.get(name)
    part = offer.nameplate_basis.startswith("share") and chassis and chassis.kind != "rack"
    return None if chassis is None or part else chassis.cooling


def _load_time(d: Deployment, spec: Spec, offer: Offer) -> Iterator[Finding]:
    on_node = min(d.pp * d.tp * d.adp, offer.node_accelerators)
    weights_gb = on_node * d.weights_gib * GIB / 1e9
    speed = offer.local_storage_read_gb_per_s
    seconds = inf if speed is None else weights_gb / speed
    if d.load_time_s is not None:
        yield equal(f"{d.name}: time to read the weights", d.load_time_s, seconds, "s")
    if spec.max_load_time is not None:
        yield at_most(f"{d.name}: load time", seconds, spec.max_load_time, "s")
        held = offer.local_storage_gb or 0.0
        yield at_least(f"{d.name}: drives hold the weights", held, weights_gb, "GB")


def _network(plan: Plan, spec: Spec, catalog: Catalog, lengths: Lengths) -> Iterator[Finding]:
    moved = BYTES_OF_PROMPT_TOKEN * float(lengths.input_tokens.mean())
    moved += BYTES_OF_OUTPUT_TOKEN * float(lengths.output_tokens.mean())
    rate = {d.name: d.max_requests_per_s / d.dp for d in plan.deployments}
    for p in plan.placements:
        network = (catalog.offers[p.offer].network_gb_per_s or 0.0) * 1e9 * p.nodes_per_group
        used = sum(rate[name] * count for name, count in p.replicas.items()) * moved
        share = used / network if network else inf
        yield at_most(
            f"{group_name(p)}: share of the network", share, spec.max_network_share or 0.0, ""
        )
