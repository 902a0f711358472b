"""Quality lost by quantisation, from measured recoveries.

    loss(precision, family)      = min over methods of max over broad benchmarks
    loss, family not measured    = max over the measured families      ("transferred")
    loss(weights, cache)         = loss(weights) + loss(cache)

The best method counts because it can be chosen; the worst benchmark because a limit such as
`--max-quality-loss 1%` is a promise. Only averages over several tasks count (`broad`).
16-bit formats and a checkpoint's own format lose nothing, by definition.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from catalog.schema import QualityLoss

Basis = Literal["native", "measured", "transferred", "unknown"]
_ORDER: tuple[Basis, ...] = ("native", "measured", "transferred", "unknown")
SIXTEEN_BITS = ("bf16", "fp16")


class Loss(NamedTuple):
    """Loss of quality [%], how it is known, and where from; unknown is not a number."""

    loss_pct: float
    basis: Basis
    source: str


def quality_loss(
    rows: Iterable[QualityLoss],
    *,
    precision: str,
    kv_precision: str,
    family: str,
    native_precision: str,
    native_kv_precision: str | None,
) -> Loss:
    """Loss of serving weights in `precision` and the cache in `kv_precision` [%]."""
    rows = list(rows)
    weights = _single(rows, precision, family, native_precision)
    cache_native = native_kv_precision if kv_precision == native_kv_precision else "bf16"
    cache = _single(rows, kv_precision, family, cache_native or "bf16", prefix="kv-")
    basis = max(weights.basis, cache.basis, key=_ORDER.index)
    sources = dict.fromkeys(part.source for part in (weights, cache) if part.basis != "native")
    return Loss(
        weights.loss_pct + cache.loss_pct, basis, "; ".join(sources) or "native by definition"
    )


def _single(
    rows: list[QualityLoss], precision: str, family: str, native: str, prefix: str = ""
) -> Loss:
    if precision in SIXTEEN_BITS or precision == native:
        return Loss(0.0, "native", "")
    name = prefix + precision
    by_family = {row.family for row in rows if row.precision == name and row.broad}
    if family in by_family:
        return _of_family(rows, name, family, "measured")
    if by_family:
        losses = [_of_family(rows, name, other, "transferred") for other in sorted(by_family)]
        return max(losses, key=lambda loss: loss.loss_pct)
    return Loss(float("nan"), "unknown", f"no measured loss of {name}")


def _of_family(rows: list[QualityLoss], name: str, family: str, basis: Basis) -> Loss:
    worst: dict[str, QualityLoss] = {}
    for row in rows:
        if row.precision == name and row.family == family and row.broad:
            held = worst.get(row.method)
            if held is None or row.loss_pct > held.loss_pct:
                worst[row.method] = row
    best = min(worst.values(), key=lambda row: row.loss_pct)
    return Loss(best.loss_pct, basis, best.source)
