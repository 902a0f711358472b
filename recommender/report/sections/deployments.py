"""The plan: what runs where, one column per deployment."""

from collections.abc import Callable

from recommender.plan import Deployment, Plan
from recommender.report import quantities as q
from recommender.report.asked import nodes_in_order
from recommender.report.blocks import Cell, Column, Comparison, Section, Table
from recommender.report.sections.headline import node_name
from recommender.report.sections.latency_rows import latency, latency_rows, spread

LOAD_TIME = "weights read in"
"""Shown where the drives of an offer are known: time of a restart, besides the engine's own."""


def _layout(d: Deployment) -> str:
    parts = [
        f"{name}{size}" for name, size in (("pp", d.pp), ("adp", d.adp), ("ep", d.ep)) if size > 1
    ]
    return " ".join((f"tp{d.tp}", *parts))


def _replica(d: Deployment) -> str:
    nodes = f" over {d.nodes_per_replica} nodes" if d.nodes_per_replica > 1 else ""
    if d.sharing:
        return f"{_layout(d)}, 1 of {d.instances_per_accelerator} on an accelerator ({d.sharing})"
    return f"{_layout(d)}, {q.counted(d.accelerators_per_replica, 'accelerator')}{nodes}"


def _after_prefill(d: Deployment, stated_s: float, predicted_s: float) -> str:
    """Tokens come from the decode pool alone."""
    return "in the decode pool" if d.pool == "prefill" else latency(stated_s, predicted_s)


MODEL = "model"
"""Shown where the spec names several to choose from."""
QUALITY = "quality of 100"
"""Shown where anybody asks."""
_ATTRIBUTES: tuple[tuple[str, Callable[[Deployment], str]], ...] = (
    ("service", lambda d: d.service),
    (MODEL, lambda d: d.model),
    ("provider", lambda d: d.provider),
    ("accelerator", lambda d: d.accelerator),
    ("nodes", lambda d: q.count(d.nodes)),
    ("accelerators", lambda d: q.count(d.accelerators)),
    ("replicas (dp)", lambda d: q.count(d.dp)),
    ("each replica", _replica),
    ("weights / KV", lambda d: f"{d.precision} / {d.kv_precision}"),
    ("quality loss", lambda d: f"{q.percent(d.quality_loss_pct)} ({d.quality_basis})"),
    (QUALITY, lambda d: "unknown" if d.quality is None else q.significant(d.quality)),
    (
        "engine",
        lambda d: f"{d.engine}, batch {d.max_batch}, {q.count(d.chunk_tokens)} tokens a step",
    ),
    ("carries", lambda d: f"{q.rate(d.requests_per_s)} of at most {q.rate(d.max_requests_per_s)}"),
    ("utilisation", lambda d: q.share(d.utilisation)),
    ("routing weight", lambda d: q.share(d.share)),
    ("TTFT p99", lambda d: latency(d.ttft_p99_s, d.ttft_p99_predicted_s)),
    ("TPOT p99", lambda d: _after_prefill(d, d.tpot_p99_s, d.tpot_p99_predicted_s)),
    ("E2E p99", lambda d: _after_prefill(d, d.e2e_p99_s, d.e2e_p99_predicted_s)),
    (
        "memory",
        lambda d: (
            f"{q.significant(d.vram_used_gib)} of {q.memory(d.vram_usable_gib)} an accelerator"
        ),
    ),
    ("  weights", lambda d: q.memory(d.weights_gib)),
    ("  KV cache", lambda d: q.memory(d.kv_cache_gib)),
    ("  overhead", lambda d: q.memory(d.overhead_gib)),
    (LOAD_TIME, lambda d: "unknown" if d.load_time_s is None else q.duration(d.load_time_s)),
    ("cost", lambda d: q.dollars_per_hour(d.cost_usd_per_h)),
    ("power at load", lambda d: q.power(d.power_w)),
    ("step times are", lambda d: d.basis),
    ("rates are", lambda d: d.rate_basis),
)


def deployments(plan: Plan) -> Section | None:
    """What runs, and below it what is bought: nodes can be shared, so only those add up."""
    if not plan.deployments:
        return None
    titles = tuple(
        f"{d.pool} pool, {d.name}" if d.pool else f"deployment {i}"
        for i, d in enumerate(plan.deployments, start=1)
    )
    rows = tuple(
        (name, tuple(f"{text(d)}{spread(plan, d, name)}" for d in plan.deployments))
        for name, text in _ATTRIBUTES
        if _is_told(name, plan)
    )
    after = [name for name, _ in rows].index("E2E p99") + 1
    rows = (*rows[:after], *latency_rows(plan), *rows[after:])
    blocks = (Comparison(titles, rows), _purchases(plan))
    if any(p.zone for p in plan.placements):
        return Section("plan", "Plan", (*blocks, _zones(plan)), "good")
    return Section("plan", "Plan", blocks, "good")


def _is_told(name: str, plan: Plan) -> bool:
    """Whether there is anything to say."""
    if name == MODEL:
        return "," in str(plan.spec.get("model", ""))
    if name == QUALITY:
        return any(d.quality is not None for d in plan.deployments)
    return name != LOAD_TIME or any(d.load_time_s is not None for d in plan.deployments)


def _zones(plan: Plan) -> Table:
    """Where the nodes go, when a limit names zones."""
    columns = (Column("zone"), Column("nodes", numeric=True), Column("offer"))
    nodes: dict[tuple[str, str], int] = {}
    for p in plan.placements:
        key = (p.zone, p.offer)
        nodes[key] = nodes.get(key, 0) + p.groups * p.nodes_per_group
    rows = tuple(
        (Cell(zone), Cell(q.count(count), count), Cell(offer))
        for (zone, offer), count in sorted(nodes.items())
    )
    return Table(columns, rows)


def _purchases(plan: Plan) -> Table:
    columns = (
        Column("nodes", numeric=True),
        Column("offer"),
        Column("each $/h", numeric=True),
        Column("all $/h", numeric=True),
        Column("price read"),
        Column("where"),
    )
    rows = (
        (
            Cell(q.count(n.nodes), n.nodes),
            Cell(f"{node_name(plan, n)}: {n.offer}" if n.node_accelerators else n.offer),
            Cell(q.dollars(n.usd_per_node_h), n.usd_per_node_h),
            Cell(q.dollars(n.nodes * n.usd_per_node_h), n.nodes * n.usd_per_node_h),
            Cell(n.price_date or "no date"),
            Cell(n.price_source),
        )
        for n in nodes_in_order(plan)
    )
    return Table(columns, tuple(rows))
