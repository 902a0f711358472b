"""Traffic between the nodes of a replica: no more than their network carries, at the least count.

per token          bytes that leave a node        when
pp over nodes      2 h                            to the next stage
tp over N nodes    2 L * 2 h * 2 (N - 1) / N      two all-reduces a layer
adp over N nodes   L_e * 3 h * M / N              to experts on M other nodes: 8 bit there,
                                                  16 bit back
  without ep       L_e * 4 h * (N - 1) / N        to every other node, 16 bit both ways

    M = (N - 1) * (1 - (1 - 1/N)^k)               nodes that k experts, drawn evenly, lie on

Symbol   Meaning                                        Unit
h        hidden width, 2 bytes an element               count
k        experts of a token                             count
L, L_e   layers, and those with experts                 count
N        nodes of the replica                           count

The count is a lower bound: nothing is sent to a node twice. Replicas inside a scale-up domain need
no network.
"""

from collections.abc import Iterator

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
        if not _needs_network(d, catalog):
            continue
        sent = d.max_requests_per_s / d.dp * tokens * bytes_per_token(d, model_of(d, models))
        network = (catalog.offers[d.offer].network_gb_per_s or 0.0) * 1e9
        yield at_most(f"{d.name}: traffic between its nodes", sent, network, "B/s")


def _needs_network(d: Deployment, catalog: Catalog) -> bool:
    accelerator = catalog.accelerators[d.accelerator]
    racked = accelerator.scale_up_domain > accelerator.accelerators_per_node
    reach = accelerator.scale_up_domain if racked else 0
    return d.nodes_per_replica > 1 and d.pp * d.tp * d.adp > reach


def bytes_per_token(d: Deployment, model: LanguageModel) -> float:
    """What one node sends to others for each token that the replica computes [B]."""
    nodes = d.nodes_per_replica
    others = (nodes - 1) / nodes
    hidden = 2.0 * model.hidden
    if d.pp >= nodes:
        return hidden
    if d.adp > 1 and d.ep > 1:
        missed = others**model.experts_per_token
        return 3 * model.expert_layers * model.hidden * others * (1 - missed)
    if d.adp > 1:
        return 4 * model.expert_layers * model.hidden * others
    return 2 * model.layers * hidden * 2 * others
