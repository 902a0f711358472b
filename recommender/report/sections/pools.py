"""Pools: how the latency budget is split over prefill, transfer and decode, and what they take."""

from recommender.plan import Plan, PoolSplit
from recommender.report import quantities as q
from recommender.report.blocks import Cell, Column, Items, Section, Table
from recommender.units import GIB


def pools(plan: Plan) -> Section | None:
    """The parts with their limits, their sum, and the simulation of both pools in a row."""
    split = plan.pools
    if split is None:
        return None
    columns = (
        Column("part of the budget"),
        Column("percentile", numeric=True),
        Column("limit", numeric=True),
        Column("takes", numeric=True),
        Column("what it holds"),
    )
    table = Table(columns, tuple(_rows(split)))
    title = "Pools: prompts and tokens on replicas of their own"
    return Section("pools", title, (table, Items(tuple(_notes(plan, split)))))


def _rows(split: PoolSplit) -> list[tuple[Cell, ...]]:
    parts = [
        (
            "prefill",
            f"p{100 * split.prefill_percentile:.4g}",
            split.prefill_limit_s,
            split.prefill_s,
            "frontend, queue, prompt",
        ),
        (
            "KV transfer",
            f"p{100 * split.length_percentile:.6g}, 2 x p{100 * split.network_percentile:.6g}",
            split.transfer_limit_s,
            split.transfer_s,
            "long prompt sent, then received; waits at both networks",
        ),
    ]
    decode = f"p{100 * split.decode_percentile:.5g}"
    if split.decode_first_limit_s is not None and split.decode_first_s is not None:
        holds = "frontend, wait for a slot, first step"
        parts.append(
            ("decode, first token", decode, split.decode_first_limit_s, split.decode_first_s, holds)
        )
    if split.decode_e2e_limit_s is not None and split.decode_e2e_s is not None:
        holds = "frontend, wait for a slot, all steps"
        parts.append(
            ("decode, last token", decode, split.decode_e2e_limit_s, split.decode_e2e_s, holds)
        )
    return [
        (
            Cell(name),
            Cell(p),
            Cell(q.duration(limit), limit),
            Cell(q.duration(takes), takes),
            Cell(w),
        )
        for name, p, limit, takes, w in parts
    ]


def _notes(plan: Plan, split: PoolSplit) -> list[str]:
    """Sums of the parts, tandem, and the bytes that move."""
    bounds = {"ttft": split.first_token_bound_s, "e2e": split.e2e_bound_s}
    notes = []
    for target in plan.targets:
        bound_s, tandem_s = bounds.get(target.metric), split.tandem_p99_s.get(target.metric)
        found = [] if bound_s is None else [f"sum of the parts at most {q.duration(bound_s)}"]
        if tandem_s is not None:
            found.append(f"p99 simulated through both pools {q.duration(tandem_s)}")
        if found:
            limit = q.duration(target.limit_s)
            notes.append(f"{target.name}: {', '.join(found)}, limit {limit}")
    rate = float(plan.totals.requests_per_s) if plan.totals is not None else 0.0
    for name, moved in split.kv_bytes_per_token.items():
        notes.append(f"{name} receives {q.memory(1000 * moved / GIB)} of cache per 1,000 tokens")
    spare = str(plan.spec.get("redundancy", "")).upper()
    alone = "" if spare in ("", "NONE") else f", and each is {spare} by itself"
    notes.append(f"every request passes both pools: each carries {q.rate(rate)}{alone}")
    return notes
