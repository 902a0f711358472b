"""Traffic between the nodes of a replica: no more than their network carries, at the least count.

per token          bytes that leave a node        when
pp over nodes      2 h                            to the next stage
tp over N nodes    R * 2 h * 2 (N - 1) / N        all-reduces
adp over N nodes   L_e * 3 h * M / N              to experts on M other nodes: 8 bit there,
                                                  16 bit back
  without ep       L_e * 4 h * (N - 1) / N        to every other node, 16 bit both ways

    M = (N - 1) * (1 - (1 - 1/N)^k)               nodes that k experts, drawn evenly, lie on

Symbol   Meaning                                        Unit
h        hidden width, 2 bytes an element               count
k        experts of a token                             count
L_e      layers with experts                            count
R        attention, state and feed-forward blocks; of   count
         parallel ones (Falcon) the layers
N        nodes of a stage; racks of it, where the       count
         scale-up domain is larger than a node

The count is a lower bound: nothing is sent to a node twice. A stage has 1/pp of the layers.
Replicas inside a scale-up domain need no network; of what leaves a rack each of its nodes sends
its part.
"""

from collections.abc import Iterator
from math import ceil

from catalog import Catalog
from catalog.schema import LanguageModel
from recommender.audit.finding import at_most
from recommender.audit.models import model_of, models_by_id
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec
from recommender.workload import Lengths


def findings(plan: Plan, spec: Spec, catalog: Catalog, lengths: Lengths) -> Iterator[Finding]:
    """Each deployment whose replicas reach over the network, at its largest rate."""
    models = models_by_id(spec, catalog)
    cached = 0 if lengths.cached_tokens is None else lengths.cached_tokens
    tokens = float((lengths.input_tokens - cached).mean() + lengths.output_tokens.mean())
    for d in plan.deployments:
        ends = _joined_by_network(d, catalog)
        if ends == 1:
            continue
        each = bytes_per_token(d, model_of(d, models), ends=ends)
        sent = d.max_requests_per_s / d.dp * tokens * each
        network = (catalog.offers[d.offer].network_gb_per_s or 0.0) * 1e9
        yield at_most(f"{d.name}: traffic between its nodes", sent, network, "B/s")


def _joined_by_network(d: Deployment, catalog: Catalog) -> int:
    """Nodes of a replica, or racks where the link of the rack joins its nodes [count]."""
    accelerator = catalog.accelerators[d.accelerator]
    if accelerator.scale_up_domain <= accelerator.accelerators_per_node:
        return d.nodes_per_replica
    racks = ceil(d.pp * d.tp * d.adp / accelerator.scale_up_domain)
    return min(racks, d.nodes_per_replica)


def bytes_per_token(d: Deployment, model: LanguageModel, *, ends: int) -> float:
    """What one node sends over the network for each token that the replica computes [B].

    `ends` are the nodes, or racks of several nodes, that the network joins.
    """
    part = ends / d.nodes_per_replica
    hidden = 2.0 * model.hidden
    if d.pp >= ends:
        return hidden * part
    others = 1 - d.pp / ends
    expert_layers = model.expert_layers / d.pp
    if d.adp > 1 and d.ep > 1:
        missed = others**model.experts_per_token
        return 3 * expert_layers * model.hidden * others * (1 - missed) * part
    if d.adp > 1:
        return 4 * expert_layers * model.hidden * others * part
    reduces = (model.layers if model.parallel_blocks else model.blocks) / d.pp
    return reduces * hidden * 2 * others * part
