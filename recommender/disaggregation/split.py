r"""The split of latency budgets over prefill, transfer and decode.

    first token  =  prefill + transfer + decode,     P(sum > x_p + x_t + x_d) <= sum of P(part > x)

Every target on TTFT or E2E is split for itself, over the requests of its bucket:

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

The grid: shares of first-token budgets for transfer and decode, the same for all targets; what is
left is x_p. E2E takes x_p and x_t of a TTFT target: of its own bucket, or of all requests, or any;
of these one of no lower percentile, where there is one, the tightest. Without a TTFT target,
shares of E for prefill and transfer. TPOT and ITL belong to the decode pool alone.

A prefill replica does not know how long an answer will be. Of a bucket with limits on outputs its
part is over all requests with such inputs, at a tail times the share s of these in the bucket:

    late in the bucket  <=  late with such inputs  <=  (3/4 eps * s) * requests with such inputs
                                                   =   3/4 eps * requests in the bucket

How long caches hold memory follows from the targets of the highest percentile: what moves a long
prompt of the bucket within x_t, moves one k times as long within k x_t, behind the same queue.

    h = min of x_t * max(1, long prompt of all / long prompt of the bucket)        any transfer
    h + min of x_d             on its prefill replica: all wait for a slot in order of arrival;
                               x_d of TTFT, where it is limited (with goodput the max: a rare
                               bucket may miss its own)

Goodput g asks that a share g of the requests meets every limit, so eps = 1 - g is split likewise,
and the decode pool has goodput for its part: a share 1 - eps/8 of its requests meets x_d, its part
of E2E and the limits of TPOT together. With TTFT or E2E of buckets (of inputs) the prefill pool has
goodput for its own: a share 1 - 3/4 eps of all requests meets the x_p of every bucket it is in. The
transfer of a request is in time for all of them when it is for the least x_t. So tails of transfers
count in the buckets u that are the tightest of some request, and are over m = max(1, S):

    S = sum over u of (requests in the bucket / all requests)
    late to any x_t  <=  sum over u of (share of u) * (eps/16 + 2 eps/32) / m  <=  eps/8
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from recommender.queueing.nodes import in_bucket, share_of_requests
from recommender.slo import EVERY_REQUEST, Bucket, Slo, Target
from recommender.workload import Lengths

TRANSFER_SHARES = (0.02, 0.05, 0.10, 0.25)
DECODE_SHARES = (0.025, 0.05, 0.10, 0.20, 0.35, 0.50)
PREFILL_SHARES_OF_E2E = (0.05, 0.10, 0.20, 0.40, 0.60)

PREFILL_TAIL = 3 / 4
DECODE_TAIL = 1 / 8
LENGTH_TAIL = 1 / 16
NETWORK_TAIL = 1 / 32
"""Shares of eps; the network's counts twice, for sender and receiver."""
SPLIT = ("ttft", "e2e")
"""Metrics whose limit both pools share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One target's budget, split.

    Attributes
    ----------
    target
        As it was asked for.
    prefill_s, transfer_s
        x_p, x_t.
    decode_s
        What is left for the decode pool: up to the first token for TTFT, to the last for E2E.
    """

    target: Target
    prefill_s: float
    transfer_s: float
    decode_s: float
    shared_by: float = 1.0
    """m."""

    @property
    def late(self) -> float:
        """eps."""
        return 1.0 - self.target.percentile

    @property
    def moved_late(self) -> float:
        """eps / m, of the transfer's tails."""
        return self.late / self.shared_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One split of the budgets.

    Attributes
    ----------
    parts
        One per target on TTFT or E2E, in their order.
    transfer_s
        h: longest time of a transfer, of any request.
    after_prefill_s
        Longest time that a cache waits on its prefill replica until it has moved [s].
    goodput
        As it was asked for, of the whole; None judges each target by itself.
    """

    parts: tuple[Part, ...]
    transfer_s: float
    after_prefill_s: float
    goodput: float | None = None


def splits(slo: Slo, lengths: Lengths) -> Iterator[Split]:
    """The grid; empty where neither TTFT nor E2E is limited."""
    asked = [target for target in slo.targets if target.metric in SPLIT]
    firsts = [target for target in asked if target.metric == "ttft"]
    for one, other in _grid(first=bool(firsts)):
        parts = tuple(_part(target, firsts, one, other) for target in asked)
        if parts and all(part.decode_s > 0 for part in parts):
            if slo.goodput is not None:
                m = _shared_by(parts, lengths)
                parts = tuple(replace(part, shared_by=m) for part in parts)
            yield _split(parts, lengths, slo.goodput)


def _shared_by(parts: Sequence[Part], lengths: Lengths) -> float:
    """m: how many transfers in time are asked of a request on average, the tightest of each."""
    inside = np.array([_of(part.target, lengths) for part in parts])
    limits_s = np.array([[part.transfer_s] for part in parts])
    tightest = np.where(inside, limits_s, np.inf).argmin(axis=0)
    counted = np.unique(tightest[inside.any(axis=0)])
    return max(1.0, float(inside[counted].mean(axis=1).sum()))


def _split(parts: tuple[Part, ...], lengths: Lengths, goodput: float | None) -> Split:
    longest = (part.transfer_s * _longer(part, lengths) for part in _strictest(parts))
    transfer_s = min(longest)
    firsts = [part for part in parts if part.target.metric == "ttft"]
    slots_s = [part.decode_s for part in _strictest(firsts or parts)]
    slot_s = min(slots_s) if goodput is None else max(slots_s)
    return Split(
        parts=parts,
        transfer_s=transfer_s,
        after_prefill_s=transfer_s + slot_s,
        goodput=goodput,
    )


def _strictest(parts: Sequence[Part]) -> Iterator[Part]:
    """Those of the highest percentile."""
    highest = max(part.target.percentile for part in parts)
    return (part for part in parts if part.target.percentile == highest)


def _longer(part: Part, lengths: Lengths) -> float:
    """Long prompts of all requests over those of the bucket, at least 1 [1]."""
    if part.target.bucket == EVERY_REQUEST:
        return 1.0
    every = replace(part, target=replace(part.target, bucket=EVERY_REQUEST))
    return max(long_prompt(lengths, every) / long_prompt(lengths, part), 1.0)


def long_prompt(lengths: Lengths, part: Part) -> float:
    """Prompt of the bucket at 1 - eps/16, or eps/m in place of eps [tokens]."""
    inside = _of(part.target, lengths)
    percentile = 1.0 - LENGTH_TAIL * part.moved_late
    return float(np.quantile(lengths.input_tokens[inside], percentile, method="higher"))


def _of(target: Target, lengths: Lengths) -> npt.NDArray[np.bool_]:
    """Which requests are in the bucket of a target."""
    return in_bucket(target.bucket, lengths.input_tokens, lengths.output_tokens)


def _grid(*, first: bool) -> Iterator[tuple[float, float]]:
    """Shares: transfer and decode of TTFT, or prefill and transfer of E2E."""
    if first:
        return product(TRANSFER_SHARES, DECODE_SHARES)
    return product(PREFILL_SHARES_OF_E2E, TRANSFER_SHARES)


def _part(target: Target, firsts: Sequence[Target], one: float, other: float) -> Part:
    if firsts:
        budget_s = _first_of(target, firsts).limit_s
        prefill_s, transfer_s = budget_s * (1 - one - other), budget_s * one
    else:
        prefill_s, transfer_s = target.limit_s * one, target.limit_s * other
    return Part(
        target=target,
        prefill_s=prefill_s,
        transfer_s=transfer_s,
        decode_s=target.limit_s - prefill_s - transfer_s,
    )


def _first_of(target: Target, firsts: Sequence[Target]) -> Target:
    """The TTFT target whose prefill and transfer this one takes: itself, or another for E2E."""
    if target.metric == "ttft":
        return target
    own = [first for first in firsts if first.bucket == target.bucket]
    every = [first for first in firsts if first.bucket == EVERY_REQUEST]
    alike = own or every or firsts
    strict = [first for first in alike if first.percentile >= target.percentile]
    return min(strict or alike, key=lambda first: first.limit_s)


def prefill_slo(split: Split, lengths: Lengths) -> Slo:
    """Targets of the prefill pool, without those that follow from others."""
    found = list(dict.fromkeys(prefill_target(part, lengths) for part in split.parts))
    kept = tuple(t for t in found if not any(follows(t, o) for o in found if o != t))
    if split.goodput is None or all(target.bucket == EVERY_REQUEST for target in kept):
        return Slo(kept)  # one limit of all requests: goodput is its percentile
    return Slo(kept, 1.0).with_goodput(1 - PREFILL_TAIL * (1 - split.goodput))


def prefill_target(part: Part, lengths: Lengths) -> Target:
    """What the prefill pool keeps of a part."""
    bucket = part.target.bucket
    inputs = of_inputs(bucket)
    share = 1.0
    if inputs != bucket:
        inside = share_of_requests(lengths, bucket, "ttft")
        share = inside / share_of_requests(lengths, inputs, "ttft")
    return Target("ttft", part.prefill_s, 1 - PREFILL_TAIL * part.late * share, inputs)


def of_inputs(bucket: Bucket) -> Bucket:
    """All requests with inputs of the bucket."""
    return replace(bucket, min_output_tokens=None, max_output_tokens=None)


def follows(target: Target, other: Target) -> bool:
    """Whether a target holds where another one of the same requests does."""
    return (
        target.bucket == other.bucket
        and target.limit_s >= other.limit_s
        and target.percentile <= other.percentile
    )


def decode_slo(split: Split, slo: Slo) -> Slo:
    """Targets of the decode pool, in order: its part of the split ones, and the others whole."""
    parts = {part.target: part for part in split.parts}
    targets = tuple(
        decode_target(parts[target]) if target in parts else target for target in slo.targets
    )
    if slo.goodput is None:
        return Slo(targets)
    return Slo(targets, 1.0).with_goodput(1 - DECODE_TAIL * (1 - slo.goodput))


def decode_target(part: Part) -> Target:
    """What the decode pool keeps of a part."""
    return replace(part.target, limit_s=part.decode_s, percentile=1 - DECODE_TAIL * part.late)
