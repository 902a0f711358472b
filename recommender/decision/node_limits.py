"""What a node must hold and reach for the replicas on it; decides which columns exist.

    host RAM     factor * W              <=  RAM of the node
    storage      W                       <=  local drives of the node
    load time    W / read                <=  `--max-load-time`
    network      rate * bytes            <=  share * network of the group's nodes

Symbol   Meaning                                                              Unit
W        weights of a replica's accelerators on the node (fullest stage)      B
read     sequential read of the node's drives together                        B/s
rate     largest rate of a failure group within the SLO                       requests/s
bytes    text of a mean request and its answer (sizing/network.py)            B

Replicas of one model on a node read the same files: the first from the drives, the others from
the page cache. The time is that of the weights alone, without the start of the engine.
"""

from dataclasses import dataclass

from catalog.schema import Offer
from recommender.decision.question import Question
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.sizing.network import network_rate_limit
from recommender.units import GB, GIB


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the question limits of a node; None is not limited or not known."""

    host_ram_gib: float | None = None
    storage_gb: float | None = None
    read_gb_per_s: float | None = None


ANY_NODE = NodeFacts()


def node_facts(offer: Offer, question: Question) -> NodeFacts:
    """The facts of an offer's node that the question looks at."""
    loads = question.max_load_time_s is not None
    if not loads and question.min_host_ram_factor is None:
        return ANY_NODE
    return NodeFacts(
        host_ram_gib=None if question.min_host_ram_factor is None else offer.host_ram_gib,
        storage_gb=offer.local_storage_gb if loads else None,
        read_gb_per_s=offer.local_storage_read_gb_per_s if loads else None,
    )


def fits_node(position: int, table: ReplicaTable, facts: NodeFacts, question: Question) -> bool:
    """Whether a node can hold a replica's weights outside of its accelerators, and read them."""
    weights = weights_on_node(position, table)
    factor, most_s = question.min_host_ram_factor, question.max_load_time_s
    if factor is not None and (facts.host_ram_gib or 0.0) * GIB < factor * weights:
        return False
    if most_s is None:
        return True
    loaded_s = load_time_s(position, table, read_gb_per_s=facts.read_gb_per_s)
    held = (facts.storage_gb or 0.0) * GB >= weights
    return held and loaded_s is not None and loaded_s <= most_s


def weights_on_node(position: int, table: ReplicaTable) -> float:
    """W, weights of a replica's accelerators on one node [B]."""
    node = table.hardware[table.hardware_index[position]].node_accelerators
    on_node = min(int(table.accelerators[position]), node)
    return float(on_node * table.weights_bytes[position])


def load_time_s(position: int, table: ReplicaTable, *, read_gb_per_s: float | None) -> float | None:
    """Time to read the weights of a node from its drives [s]; None where they are unknown."""
    if read_gb_per_s is None:
        return None
    return weights_on_node(position, table) / (read_gb_per_s * GB)


def within_network(group: FailureGroup, offer: Offer, question: Question) -> bool:
    """Whether the group's nodes may move the text of all requests that it can carry."""
    share = question.max_network_share
    if share is None:
        return True
    most = network_rate_limit(
        request_bytes=question.request_bytes,
        node_bytes_per_s=(offer.network_gb_per_s or 0.0) * GB * group.nodes,
        share=share,
    )
    return bool(group.requests_per_s <= most)


def deliverable(offer: Offer, question: Question) -> bool:
    """Whether the offer is delivered in time and cooled as asked."""
    facts = question.facts.get(offer.name)
    if facts is None:
        return True
    days, cooling = question.within_days, question.cooling
    in_time = days is None or (facts.lead_time_days is not None and facts.lead_time_days <= days)
    return in_time and (cooling is None or facts.cooling == cooling)
