"""Limits of the whole plan: budget, power, counts, stock, quality, and what may be bought."""

from collections import Counter
from collections.abc import Iterator

from catalog import Catalog
from catalog.schema import Offer
from recommender.audit.finding import at_least, at_most, equal
from recommender.audit.models import model_of, models_by_id
from recommender.plan import Finding, Plan
from recommender.request.spec import Spec


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Each limit that the spec or an offer states."""
    if plan.totals is None:
        return
    nodes = Counter({n.offer: n.nodes for n in plan.nodes})
    offers = {name: catalog.offers[name] for name in nodes}
    usd_per_h = sum(count * offers[name].usd_per_h for name, count in nodes.items())
    watts = sum(count * offers[name].nameplate_power_w for name, count in nodes.items())
    accelerators = sum(count * offers[name].node_accelerators for name, count in nodes.items())
    types = {offer.accelerator for offer in offers.values()}
    stated = (
        ("budget", usd_per_h, spec.budget, "$/h"),
        ("power limit", watts, spec.power, "W"),
        ("most accelerators", accelerators, spec.max_accelerators, "accelerators"),
        ("most nodes", nodes.total(), spec.max_nodes, "nodes"),
        ("most accelerator types", len(types), spec.max_types, "types"),
        ("one deployment only", _most_kinds(plan), 1 if spec.single else None, "kinds of node"),
    )
    for promise, value, limit, unit in stated:
        if limit is not None:
            yield at_most(promise, value, limit, unit)
    for name, count in nodes.items():
        stock = offers[name].stock
        if stock is not None:
            yield at_most(f"stock of {name}", count, stock, "nodes")
        allowed = _allowed(offers[name], spec, catalog)
        yield equal(f"{name} is among the offers asked for", 1.0, float(allowed), "")
    yield from _quality(plan, spec, catalog)
    if spec.min_bandwidth is not None:
        for accelerator in types:
            bandwidth = catalog.accelerators[accelerator].memory_bandwidth_gb_per_s * 1e9
            yield at_least(f"{accelerator}: bandwidth", bandwidth, spec.min_bandwidth, "B/s")


def _most_kinds(plan: Plan) -> int:
    """Kinds of failure group; of the pool that has most, where there are pools."""
    pools = {d.name: d.pool for d in plan.deployments}
    kinds = Counter(pools.get(next(iter(p.replicas), ""), "") for p in plan.placements)
    return max(kinds.values(), default=0)


def _allowed(offer: Offer, spec: Spec, catalog: Catalog) -> bool:
    """Whether seller, terms and accelerator are among those of the spec."""
    wanted = [name for name in spec.gpu if not name.startswith("!")]
    refused = [name[1:] for name in spec.gpu if name.startswith("!")]
    return (
        offer.terms in (*spec.terms, "owned")
        and (not spec.provider or offer.provider in spec.provider)
        and (not spec.region or offer.region in spec.region)
        and (spec.offers == "all" or offer.default or offer.terms != "on_demand")
        and (not wanted or any(offer.accelerator in catalog.accelerator_names(g) for g in wanted))
        and not any(offer.accelerator in catalog.accelerator_names(g) for g in refused)
    )


def _quality(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    models = models_by_id(spec, catalog)
    for d in plan.deployments:
        model = model_of(d, models)
        loss = catalog.quality_loss(
            d.precision,
            d.kv_precision,
            model.family,
            model.native_precision,
            model.native_kv_precision,
        )
        limit = spec.max_quality_loss * 100
        yield equal(f"{d.name}: quality loss as measured", d.quality_loss_pct, loss.loss_pct, "%")
        yield at_most(f"{d.name}: quality loss", d.quality_loss_pct, limit, "%")
    if plan.totals is not None:
        worst = max(d.quality_loss_pct for d in plan.deployments)
        yield equal("quality loss of the plan", plan.totals.quality_loss_pct, worst, "%")
