r"""Node patterns: the useful ways to fill one node, and to span several.

    pattern    a multiset m of replicas with  sum_c g[c] * m[c] <= G  on one node, or
               one spanning replica on  ceil(g / G)  whole nodes
    rate       sum_c r[c] * m[c]              loss   max over used c of loss[c]

Symbol   Meaning                                                          Unit
g[c]     accelerators of one replica                                      count
G        accelerators of one node: what is bought, and lost, as a whole   count
r[c]     largest rate of one replica within the SLO                       requests/s
loss[c]  quality loss of its precision                                    %

A node costs and draws the same however it is filled, so for one service only patterns that no
other of as few nodes beats on rate and quality loss are kept: per level of loss, the knapsack
maximum over at most G accelerators. A spanning pattern goes when as many whole nodes, filled best,
carry as much: for every theta of the spare row, ``m * min(c, theta) >= min(c_span, theta)`` holds
with ``m * c >= c_span``, every other row counts nodes, and a rack loses no more of the m than of
the one (``m * min(c, theta w) >= min(c_span, theta w_span)``, as m whole groups take its nodes).
Where too much capacity can break a row (least utilisation), a node may also be left partly empty:
then every pattern comes with all multisets inside it.
Price plays no part: offers with equal nodes share their patterns.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from catalog.schema import Offer
from recommender.formulation.failure_group import FailureGroup

ELASTIC_TERMS = ("on_demand", "spot")
"""Paid by the hour; what is owned or reserved is paid around the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """What packing needs to know of a candidate.

    Attributes
    ----------
    key
        Of the candidate; unique.
    accelerators
        Of one replica [count].
    requests_per_s
        Largest rate within the SLO [requests/s].
    quality_loss_pct
        Of its precision [%].
    """

    key: str
    accelerators: int
    requests_per_s: float
    quality_loss_pct: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePattern:
    """Replicas on one node, or one replica on several whole nodes.

    Attributes
    ----------
    replicas
        Candidate key -> replicas of it.
    requests_per_s
        Of all of them together [requests/s].
    quality_loss_pct
        Of the worst of them [%].
    """

    nodes: int
    replicas: Mapping[str, int]
    requests_per_s: float
    quality_loss_pct: float


def node_patterns(
    replicas: Iterable[Replica], *, node_accelerators: int, partly_filled: bool = False
) -> tuple[NodePattern, ...]:
    """The undominated patterns of one kind of node, by falling rate per node.

    With `partly_filled` also the multisets inside each of them.
    """
    useful = sorted(
        (r for r in replicas if r.requests_per_s > 0),
        key=lambda r: (-r.requests_per_s, r.accelerators, r.quality_loss_pct, r.key),
    )
    kept: list[NodePattern] = []
    for loss in sorted({r.quality_loss_pct for r in useful}):
        allowed = [r for r in useful if r.quality_loss_pct <= loss]
        filled = _fill(allowed, node_accelerators)
        spanning = _span(allowed, node_accelerators)
        for pattern in (*filled, *spanning):
            if not any(_dominates(other, pattern) for other in kept):
                kept.append(pattern)
    if partly_filled:
        replica_of = {r.key: r for r in useful}
        inside = {
            tuple(part.replicas.items()): part
            for pattern in kept
            for part in _parts(pattern, replica_of)
        }
        kept = list(inside.values())
    return tuple(sorted(kept, key=lambda p: -p.requests_per_s / p.nodes))


def failure_groups(offer: Offer, patterns: Sequence[NodePattern]) -> tuple[FailureGroup, ...]:
    """The patterns on nodes of an offer, priced."""
    return tuple(
        FailureGroup(
            name=f"{offer.name}/{_label(pattern)}",
            offer=offer.name,
            provider=offer.provider,
            region=offer.region,
            zone=offer.zone,
            accelerator=offer.accelerator,
            nodes=pattern.nodes,
            accelerators=pattern.nodes * offer.node_accelerators,
            replicas=pattern.replicas,
            requests_per_s=pattern.requests_per_s,
            usd_per_h=pattern.nodes * offer.usd_per_h,
            nameplate_w=pattern.nodes * offer.nameplate_power_w,
            stock=offer.stock,
            quality_loss_pct=pattern.quality_loss_pct,
            committed=offer.terms not in ELASTIC_TERMS,
        )
        for pattern in patterns
    )


def _fill(replicas: Sequence[Replica], room: int) -> list[NodePattern]:
    """The multiset of largest rate that fits one node: unbounded knapsack over accelerators."""
    best: dict[int, Replica] = {}
    for replica in replicas:  # by falling rate, so the first of a size is its best
        best.setdefault(replica.accelerators, replica)
    top: list[tuple[float, tuple[Replica, ...]]] = [(0.0, ())]
    for space in range(1, room + 1):
        filled = [top[space - 1]]
        for size in sorted((s for s in best if s <= space), reverse=True):
            rate, inside = top[space - size]
            filled.append((rate + best[size].requests_per_s, (*inside, best[size])))
        top.append(max(filled, key=lambda f: (f[0], -len(f[1]))))
    return [_pattern(top[room][1], nodes=1)] if top[room][1] else []


def _span(replicas: Sequence[Replica], room: int) -> list[NodePattern]:
    """The best spanning replica of each number of nodes."""
    best: dict[int, Replica] = {}
    for replica in replicas:
        if replica.accelerators > room:
            best.setdefault(-(-replica.accelerators // room), replica)
    return [_pattern((best[nodes],), nodes=nodes) for nodes in sorted(best)]


def _pattern(inside: Sequence[Replica], *, nodes: int) -> NodePattern:
    counts = Counter(r.key for r in inside)
    rate_of = {r.key: r.requests_per_s for r in inside}
    return NodePattern(
        nodes=nodes,
        replicas=dict(sorted(counts.items())),
        requests_per_s=sum(counts[key] * rate_of[key] for key in sorted(counts)),
        quality_loss_pct=max(r.quality_loss_pct for r in inside),
    )


def _parts(pattern: NodePattern, replica_of: Mapping[str, Replica]) -> Iterator[NodePattern]:
    """The pattern with some of its replicas, at least one, left out or not."""
    for counts in product(*(range(count + 1) for count in pattern.replicas.values())):
        inside = [
            replica_of[key]
            for key, count in zip(pattern.replicas, counts, strict=True)
            for _ in range(count)
        ]
        if inside:
            yield _pattern(inside, nodes=pattern.nodes)


def _dominates(other: NodePattern, pattern: NodePattern) -> bool:
    """Whether whole copies of `other` on as many nodes carry as much with no more loss."""
    copies, rest = divmod(pattern.nodes, other.nodes)
    return (
        rest == 0
        and copies * other.requests_per_s >= pattern.requests_per_s
        and other.quality_loss_pct <= pattern.quality_loss_pct
    )


def _label(pattern: NodePattern) -> str:
    inside = "+".join(f"{count}x{key}" for key, count in pattern.replicas.items())
    return inside if pattern.nodes == 1 else f"{inside} on {pattern.nodes} nodes"
