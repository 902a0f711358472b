r"""Node patterns: the useful ways to fill one node, or several with one replica.

    pattern    a multiset m of replicas with  sum_c g[c] * m[c] <= G  on one node, or
               one spanning replica on  ceil(g / G)  whole nodes (spanning_patterns)
    rate       sum_c r[c] * m[c]              loss   max over used c of loss[c]

Symbol   Meaning                                                          Unit
g[c]     accelerators of one replica                                      count
G        accelerators of one node: what is bought, and lost, as a whole   count
r[c]     largest rate of one replica within the SLO                       requests/s
loss[c]  quality loss of its precision                                    %

A node costs and draws the same however it is filled, so for one service only patterns that no
other of as few nodes beats on rate and quality loss are kept: per level of loss, the knapsack
maximum over at most G accelerators.
Where too much capacity can break a row (least use, shares), a node may also be left partly empty:
then every pattern comes with all multisets inside it.
Price plays no part: offers with equal nodes share their patterns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from recommender.formulation.node_pattern import NodePattern, Replica, pattern_of
from recommender.formulation.spanning_patterns import carries_as_much, spanning_patterns


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
        spanning = spanning_patterns(allowed, node_accelerators)
        for pattern in (*filled, *spanning):
            if not any(carries_as_much(other, pattern) for other in kept):
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
    return [pattern_of(top[room][1], nodes=1)] if top[room][1] else []


def _parts(pattern: NodePattern, replica_of: Mapping[str, Replica]) -> Iterator[NodePattern]:
    """The pattern with some of its replicas, at least one, left out or not."""
    for counts in product(*(range(count + 1) for count in pattern.replicas.values())):
        inside = [
            replica_of[key]
            for key, count in zip(pattern.replicas, counts, strict=True)
            for _ in range(count)
        ]
        if inside:
            yield pattern_of(inside, nodes=pattern.nodes)
