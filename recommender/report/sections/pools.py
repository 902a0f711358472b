"""Pools: how the latency budget is split over prefill, transfer and decode, and what they take."""

from collections.abc import Iterator

from recommender.plan import Plan, PoolPart, PoolSplit
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
    """Prefill and transfer of each target, where they are its own, and its decode part."""
    rows, before = list[tuple[Cell, ...]](), list[tuple[object, ...]]()
    for part in split.parts:
        shared = part.target.bucket, part.prefill_limit_s, part.prefill_percentile
        of = f", {part.target.name}" if _several(split) else ""
        rows += [_row(*line, of) for line in _lines(part, first=shared not in before)]
        before.append(shared)
    return rows


def _several(split: PoolSplit) -> bool:
    """Whether targets on one metric, or of some lengths only, have parts of their own."""
    return len({(p.target.bucket, p.target.percentile) for p in split.parts}) > 1


Line = tuple[str, str, float, float, str]
"""Name, percentile, limit [s], what it takes [s], what it holds."""


def _lines(part: PoolPart, *, first: bool) -> Iterator[Line]:
    prefill = f"p{100 * part.prefill_percentile:.4g}"
    moved = f"p{100 * part.length_percentile:.6g}, 2 x p{100 * part.network_percentile:.6g}"
    if first:
        holds = "frontend, queue, prompt"
        yield "prefill", prefill, part.prefill_limit_s, part.prefill_s, holds
        holds = "long prompt sent, then received; waits at both networks"
        yield "KV transfer", moved, part.transfer_limit_s, part.transfer_s, holds
    decode = f"p{100 * part.decode_percentile:.5g}"
    token, steps = (
        ("first", "first step") if part.target.metric == "ttft" else ("last", "all steps")
    )
    holds = f"frontend, wait for a slot, {steps}"
    yield f"decode, {token} token", decode, part.decode_limit_s, part.decode_s, holds


def _row(
    name: str, p: str, limit_s: float, takes_s: float, holds: str, of: str
) -> tuple[Cell, ...]:
    return (
        Cell(f"{name}{of}"),
        Cell(p),
        Cell(q.duration(limit_s), limit_s),
        Cell(q.duration(takes_s), takes_s),
        Cell(holds),
    )


def _notes(plan: Plan, split: PoolSplit) -> list[str]:
    """Sums of the parts, tandem, and the bytes that move."""
    parts = {part.target: part for part in split.parts}
    notes = []
    for target in plan.targets:
        part = parts.get(target)
        found = [] if part is None else [f"sum of the parts at most {q.duration(part.bound_s)}"]
        if part is not None and part.tandem_s is not None:
            percentile = f"p{100 * target.percentile:.4g}"
            tandem = q.duration(part.tandem_s)
            found.append(f"{percentile} simulated through both pools {tandem}")
        elif part is None and target.metric in split.tandem_p99_s:
            tandem = q.duration(split.tandem_p99_s[target.metric])
            found.append(f"p99 simulated through both pools {tandem}")
        if found:
            limit = q.duration(target.limit_s)
            notes.append(f"{target.name}: {', '.join(found)}, limit {limit}")
    if split.goodput is not None and _several(split):
        notes.append(
            "goodput counts requests, not buckets: the percentiles of prefill and decode are "
            "shares of all requests that meet every limit on that pool which applies to them"
        )
    rate = float(plan.totals.requests_per_s) if plan.totals is not None else 0.0
    for name, moved in split.kv_bytes_per_token.items():
        notes.append(f"{name} receives {q.memory(1000 * moved / GIB)} of cache per 1,000 tokens")
    spare = str(plan.spec.get("redundancy", "")).upper()
    alone = "" if spare in ("", "NONE") else f", and each is {spare} by itself"
    notes.append(f"every request passes both pools: each carries {q.rate(rate)}{alone}")
    return notes
