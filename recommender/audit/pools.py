r"""Plans with pools, re-derived: what each pool carries and survives, and the split of the budget.

    parts       prefill + transfer + decode <= limit of the target; their tails <= its tail, or
                with goodput and buckets, those of all requests <= 1 - goodput: a request is in
                time for every limit on its transfer when it is for the least
    moved       bytes of a prompt token = layers * values of a token * bytes, once per rank that
                stores them, with the layer that drafts; at 70 % of a rank's share of its node's
                network
    network     rate of a rank * mean prompt * that time <= half of the time
    moving      time that counts as moving >= part of a target of the highest percentile, longer
                where long prompts of all are longer than those of its bucket

Each pool is looked at as a plan of its own: every request passes through both, so both carry the
whole rate, and all k lost nodes may be in one of them. Latency: `audit/pools_latency.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil

import numpy as np
import numpy.typing as npt

from catalog import Catalog
from recommender.audit import classes, datasheet, demand, survival
from recommender.audit.finding import at_least, at_most, equal
from recommender.audit.latency import promised
from recommender.plan import Deployment, Finding, Plan, PoolPart, PoolSplit
from recommender.request.spec import Spec
from recommender.slo import EVERY_REQUEST, Metric, Target
from recommender.workload import Lengths, Workload

POOLS = ("prefill", "decode")
BULK_SHARE = 0.7
MOST_BUSY = 0.5
SET_ASIDE = 0.05
"""Of a decode replica's cache, for sequences that are moving in; half of it on average."""


def part(plan: Plan, pool: str) -> Plan:
    """One pool of a plan, as if it were a plan."""
    names = {d.name for d in plan.deployments if d.pool == pool}
    return replace(
        plan,
        deployments=tuple(d for d in plan.deployments if d.pool == pool),
        placements=tuple(p for p in plan.placements if names & p.replicas.keys()),
    )


def findings(plan: Plan, spec: Spec, catalog: Catalog, workload: Workload) -> Iterator[Finding]:
    """Everything but latency; in place of demand, survival, classes and datasheet of the whole.

    Without pools, that no deployment is said to be in one.
    """
    split = plan.pools
    if split is None:
        for d in plan.deployments:
            apart = float(d.pool == "") - d.transfer_s_per_token
            yield equal(f"{d.name}: serves prompts and tokens, moves no cache", 1.0, apart, "")
        return
    lengths, ones = workload.lengths, np.ones_like(workload.lengths.output_tokens)
    work = {
        "prefill": Lengths(lengths.input_tokens, ones, lengths.cached_tokens),
        "decode": Lengths(ones, lengths.output_tokens),
    }
    places = spec.model_copy(update={"min_providers": None, "min_zones": None})
    for pool in POOLS:
        alone = part(plan, pool)
        for finding in (
            *demand.findings(alone, spec),
            *survival.findings(alone, spec),
            *classes.findings(alone, places, catalog),
            *datasheet.findings(alone, spec, catalog, work[pool]),
        ):
            yield replace(finding, promise=f"{pool} pool: {finding.promise}")
    yield from classes.findings(plan, spec.model_copy(update={"survive": ()}), catalog)
    yield from _agreement(plan, catalog)
    yield from _parts(split, spec, lengths)
    yield from _transfers(plan, split, spec, catalog, lengths)


def _agreement(plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """One site, one format, no node in both pools."""
    offers = [catalog.offers[d.offer] for d in plan.deployments]
    sites = {(offer.provider, offer.region) for offer in offers}
    formats = {(d.precision, d.kv_precision) for d in plan.deployments}
    yield equal("pools stand at one site", 1, len(sites), "sites")
    yield equal("pools share the formats of weights and cache", 1, len(formats), "formats")
    pool_of = {d.name: d.pool for d in plan.deployments}
    mixed = sum(len({pool_of[name] for name in p.replicas}) > 1 for p in plan.placements)
    yield equal("groups with replicas of both pools", 0, mixed, "groups")


def _parts(split: PoolSplit, spec: Spec, lengths: Lengths) -> Iterator[Finding]:
    """Of every target, the parts and their tails add up to no more than it."""
    parts = {part.target: part for part in split.parts}
    for target in promised(spec):
        if target.metric not in METRICS_SPLIT:
            continue
        name = f"split of {target.name}"
        yield equal(f"{name}: is stated", 1, int(target in parts), "")
        if target not in parts:
            continue
        part = parts[target]
        limits_s = part.prefill_limit_s + part.transfer_limit_s + part.decode_limit_s
        yield at_most(f"{name}: parts", limits_s, target.limit_s, "s")
        whole_s = part.prefill_s + part.transfer_s + part.decode_s
        yield equal(f"{name}: sum of the parts", part.bound_s, whole_s, "s")
        if joint(target, spec):
            continue
        late = _late_in_prefill(part, lengths) + (1 - part.decode_percentile) + _late_to_move(part)
        yield at_most(f"{name}: tails of the parts", late, 1 - target.percentile, "")
        yield at_most(f"{name}: sum of the parts within the limit", whole_s, target.limit_s, "s")
    equal_goodput = split.goodput == spec.goodput
    yield equal("split: goodput is the one asked for", 1, int(equal_goodput), "")
    if spec.goodput is not None and split.parts:
        late = _late_together(split, lengths)
        yield at_most("split of goodput: tails of the parts", late, 1 - spec.goodput, "")


def joint(target: Target, spec: Spec) -> bool:
    """Whether goodput asks no percentile of the target's own: its bucket may miss more."""
    asked = spec.goodput is not None and target.metric != "itl"
    return asked and target.bucket != EVERY_REQUEST


def _late_to_move(part: PoolPart) -> float:
    return (1 - part.length_percentile) + 2 * (1 - part.network_percentile)


def _late_together(split: PoolSplit, lengths: Lengths) -> float:
    """Most of all requests that miss a part of any limit that applies to them."""
    late = max(1 - part.prefill_percentile for part in split.parts)
    late += max(1 - part.decode_percentile for part in split.parts)
    least_s = np.full(lengths.input_tokens.shape, np.inf)
    tightest = np.full(lengths.input_tokens.shape, -1)
    inside = [_inside(part, lengths)[1] for part in split.parts]
    for place, part in enumerate(split.parts):
        closer = inside[place] & (part.transfer_limit_s < least_s)
        least_s[closer], tightest[closer] = part.transfer_limit_s, place
    for place in set(tightest.tolist()) - {-1}:
        late += float(inside[place].mean()) * _late_to_move(split.parts[place])
    return late


def _late_in_prefill(part: PoolPart, lengths: Lengths) -> float:
    """Most of the bucket that prefill may make late: its part is over all with such inputs."""
    alike, mine = _inside(part, lengths)
    return (1 - part.prefill_percentile) * float(alike.sum() / mine.sum())


def _inside(
    part: PoolPart, lengths: Lengths
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Requests with inputs of the target's bucket, and those in the bucket."""
    inputs, outputs, bucket = lengths.input_tokens, lengths.output_tokens, part.target.bucket
    alike = (inputs >= (bucket.min_input_tokens or 0)) & (
        inputs <= (bucket.max_input_tokens or np.inf)
    )
    mine = alike & (outputs >= (bucket.min_output_tokens or 0))
    return alike, mine & (outputs <= (bucket.max_output_tokens or np.inf))


def _transfers(
    plan: Plan, split: PoolSplit, spec: Spec, catalog: Catalog, lengths: Lengths
) -> Iterator[Finding]:
    decode = [d for d in plan.deployments if d.pool == "decode"]
    derived = {d.name: token_bytes(d, spec, catalog) for d in decode}
    tokens = np.maximum(lengths.input_tokens, split.least_tokens)
    for d in decode:
        if (found := derived[d.name]) is not None:
            stated = split.kv_bytes_per_token[d.name]
            yield at_least(f"{d.name}: cache of a prompt token", stated, found, "B")
    most = max(split.kv_bytes_per_token.values())
    for d in plan.deployments:
        moved = split.kv_bytes_per_token.get(d.name, most)
        offer = catalog.offers[d.offer]
        network = (offer.network_gb_per_s or 0.0) * 1e9 * d.tp * d.pp / offer.node_accelerators
        name = f"{d.name}: time to move a prompt token"
        least_s = moved / (BULK_SHARE * network) if network else float("inf")
        yield at_least(name, d.transfer_s_per_token, least_s, "s", "cache / share of the network")
        busy = d.max_requests_per_s / d.dp / d.adp * float(tokens.mean()) * d.transfer_s_per_token
        yield at_most(f"{d.name}: network busy with caches", busy, MOST_BUSY, "")
        if d.pool == "decode":
            moving = d.max_requests_per_s / d.dp / d.adp * split.moving_limit_s
            held = moving * (lengths.mean_input + lengths.mean_output)
            kept = d.step_law["kv_tokens"] * SET_ASIDE / (1 - SET_ASIDE) / 2
            yield at_most(f"{d.name}: caches moving in, on average", held, kept, "tokens")
    yield from _moved_in_time(plan, split, lengths)


def _moved_in_time(plan: Plan, split: PoolSplit, lengths: Lengths) -> Iterator[Finding]:
    """Every part; and what is counted as moving: no less than the strictest parts allow a long
    prompt of all requests, and enough for it alone.
    """
    slowest_s = sum(
        max(d.transfer_s_per_token for d in plan.deployments if d.pool == pool) for pool in POOLS
    )
    for part in split.parts:
        name = "transfer within its part of the split"
        name += "" if part.target.bucket == EVERY_REQUEST else f", {part.target.name}"
        yield at_most(name, part.transfer_s, part.transfer_limit_s, "s")
    strictest = max(part.target.percentile for part in split.parts)
    of_all = [part for part in split.parts if part.target.percentile == strictest]
    allowed_s = min(part.transfer_limit_s * _longer(part, lengths) for part in of_all)
    yield at_least("time that counts as moving", split.moving_limit_s, allowed_s, "s")
    rarest = min(part.length_percentile for part in split.parts)
    long = _long_prompt(lengths.input_tokens, rarest)
    alone_s = slowest_s * max(long, split.least_tokens)
    yield at_most("a long prompt moves in time", alone_s, split.moving_limit_s, "s")


def _longer(part: PoolPart, lengths: Lengths) -> float:
    """Long prompts of all requests over those of the target's, at least 1 [1]."""
    tokens, (_, mine) = lengths.input_tokens, _inside(part, lengths)
    own = _long_prompt(tokens[mine], part.length_percentile)
    return max(_long_prompt(tokens, part.length_percentile) / own, 1.0)


def _long_prompt(tokens: npt.NDArray[np.int64], percentile: float) -> float:
    return float(np.quantile(tokens, percentile, method="higher"))


def token_bytes(d: Deployment, spec: Spec, catalog: Catalog) -> float | None:
    """Cache of a prompt token over all ranks that store it; None for unusual layers [B]."""
    model = catalog.model(spec.models[0].name)
    if model.state_layers or model.windowed_layers or model.kv_bytes_per_token_growing:
        return None
    if model.attention == "MLA":
        values = d.tp * (model.kv_lora_rank + model.qk_rope_head_dim)
    else:
        values = d.tp * 2 * ceil(model.kv_heads / d.tp) * model.head_dim
    layers = model.layers + (spec.speculative is not None)  # one layer more drafts
    return layers * values * catalog.precision(d.kv_precision).weight_bits / 8


METRICS_SPLIT: tuple[Metric, ...] = ("ttft", "e2e")
"""Metrics whose limit is shared by the pools; the others belong to the decode pool."""
