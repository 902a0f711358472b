"""A node pattern: the replicas on one node, or the one replica on several whole nodes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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


def pattern_of(inside: Sequence[Replica], *, nodes: int) -> NodePattern:
    """These replicas together: their rates add up, the worst quality loss counts."""
    counts = Counter(r.key for r in inside)
    rate_of = {r.key: r.requests_per_s for r in inside}
    return NodePattern(
        nodes=nodes,
        replicas=dict(sorted(counts.items())),
        requests_per_s=sum(counts[key] * rate_of[key] for key in sorted(counts)),
        quality_loss_pct=max(r.quality_loss_pct for r in inside),
    )
