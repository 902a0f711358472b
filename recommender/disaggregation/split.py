r"""The split of a latency budget over prefill, transfer and decode.

    first token  =  prefill + transfer + decode,     P(sum > x_p + x_t + x_d) <= sum of P(part > x)

Symbol   Meaning                                                                     Unit
T, E     limits of TTFT and E2E                                                      s
eps      1 - percentile of the target                                                1
x_p      limit of the prefill part at 1 - 3/4 eps: its tail is that of the prompts,   s
         and heavy; the others are light, and cost little at a high percentile
x_t      limit of the transfer: the prompt's length at 1 - eps/16, and the wait at   s
         the network of the sender and of the receiver at 1 - eps/32 each
x_d      limit of the wait for a decode slot and the first step, at 1 - eps/8        s

    3/4 eps + eps/8 + eps/16 + 2 eps/32 = eps      (union bound: whatever the dependence
                                                    of the parts, each late no more than its tail)
    x_p + x_t + x_d = T                            x_p + x_t + (decode part of E2E) = E

The grid: shares of the first-token budget for transfer and decode; what is left is x_p. Without a
TTFT target, shares of E for prefill and transfer. TPOT and ITL belong to the decode pool alone.

Goodput g asks that a share g of the requests meets every limit, so eps = 1 - g is split likewise,
and the decode pool has goodput for its part: a share 1 - eps/8 of its requests meets x_d, its part
of E2E and the limits of TPOT together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from recommender.slo import Metric, Slo, Target

TRANSFER_SHARES = (0.02, 0.05, 0.10, 0.25)
DECODE_SHARES = (0.025, 0.05, 0.10, 0.20, 0.35, 0.50)
PREFILL_SHARES_OF_E2E = (0.05, 0.10, 0.20, 0.40, 0.60)

PREFILL_TAIL = 3 / 4
DECODE_TAIL = 1 / 8
LENGTH_TAIL = 1 / 16
NETWORK_TAIL = 1 / 32
"""Shares of eps; the network's counts twice, for sender and receiver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One split of the budget.

    Attributes
    ----------
    prefill_s, transfer_s
        x_p, x_t.
    decode_first_s, decode_e2e_s
        What is left of TTFT, and of E2E, for the decode pool; None without such a target.
    percentile
        Of the target that is split.
    """

    prefill_s: float
    transfer_s: float
    decode_first_s: float | None
    decode_e2e_s: float | None
    percentile: float

    @property
    def late(self) -> float:
        """eps."""
        return 1.0 - self.percentile

    @property
    def after_prefill_s(self) -> float:
        """Longest time that a cache waits on its prefill replica until it has moved [s]."""
        return self.transfer_s + (self.decode_first_s or self.decode_e2e_s or 0.0)


def splits(slo: Slo) -> Iterator[Split]:
    """The grid; empty where neither TTFT nor E2E is limited.

    Several targets of one metric (or of both) are split at the strictest percentile of them.
    """
    first, whole = _tightest(slo, "ttft"), _tightest(slo, "e2e")
    shared = [target for target in slo.targets if target.metric in ("ttft", "e2e")]
    percentile = max((target.percentile for target in shared), default=0.0)
    for prefill_s, transfer_s in _parts(first, whole):
        decode_first_s = None if first is None else first.limit_s - prefill_s - transfer_s
        decode_e2e_s = None if whole is None else whole.limit_s - prefill_s - transfer_s
        if decode_e2e_s is None or decode_e2e_s > 0:
            yield Split(
                prefill_s=prefill_s,
                transfer_s=transfer_s,
                decode_first_s=decode_first_s,
                decode_e2e_s=decode_e2e_s,
                percentile=percentile,
            )


def _parts(first: Target | None, whole: Target | None) -> Iterator[tuple[float, float]]:
    """(x_p, x_t) of the grid."""
    if first is not None:
        for transfer, decode in product(TRANSFER_SHARES, DECODE_SHARES):
            yield first.limit_s * (1 - transfer - decode), first.limit_s * transfer
    elif whole is not None:
        for prefill, transfer in product(PREFILL_SHARES_OF_E2E, TRANSFER_SHARES):
            yield whole.limit_s * prefill, whole.limit_s * transfer


def _tightest(slo: Slo, metric: Metric) -> Target | None:
    found = [target for target in slo.targets if target.metric == metric]
    return min(found, key=lambda target: target.limit_s, default=None)


def prefill_slo(split: Split) -> Slo:
    """Targets of the prefill pool."""
    return Slo((Target("ttft", split.prefill_s, 1 - PREFILL_TAIL * split.late),))


def decode_slo(split: Split, slo: Slo) -> Slo:
    """Targets of the decode pool: its part of the split ones, and the others whole."""
    percentile = 1 - DECODE_TAIL * split.late
    parts: dict[Metric, float | None] = {"ttft": split.decode_first_s, "e2e": split.decode_e2e_s}
    apart = [
        replace(target, limit_s=limit_s, percentile=percentile)
        for metric, limit_s in parts.items()
        if limit_s is not None and (target := _tightest(slo, metric)) is not None
    ]
    own = [target for target in slo.targets if target.metric in ("tpot", "itl")]
    whole = Slo((*apart, *own))
    return whole if slo.goodput is None else replace(whole, goodput=1.0).with_goodput(percentile)
