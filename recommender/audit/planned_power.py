"""Power at planned load, re-derived from the time that engines spend on prompts and on tokens.

    on prompts     u = r (d E[c] + q E[I^2 - k^2] / 2)                         at most 1
    on tokens      v = 1 - exp(-n) - u,   n = r E[O] TPOT                      at least 0
    accelerator    TDP (0.12 (1 - u - v) + drawn(prompts) u + drawn(tokens) v)
    drawn(W)       0.17 + 0.78 (1 - exp(-W / TDP))                             of TDP
    of prompts     W = prompt_j E[c] / (d E[c] + q E[I^2 - k^2] / 2)
    of tokens      W = (step_j + sequence_j m) / (a + (b + g x) m),   m: n within 1 and full batch
    node           (accelerators + (1500 + 700 (u + v)) W per 8 of them) * 1.08,
                   at most the nameplate

What no replica runs on is idle: u = v = 0. Where the energy of steps is not known, 0.90 of TDP is
drawn on prompts and 0.60 on tokens; where TDP is not, the nameplate.

Symbol    Meaning                                                               Unit
r         requests of one attention rank                                        requests/s
I, k, c   prompt; its tokens found in a prefix cache; the others                tokens
O         output                                                                tokens
x         mean context of a decoding sequence: E[I O]/E[O] + E[O^2]/(2 E[O])    tokens
a, ...    of the step law that the plan states, with its energies in J
TPOT      as stated, p99                                                        s
"""

from collections.abc import Iterator
from math import exp, inf
from typing import NamedTuple

import numpy as np

from catalog import Catalog
from recommender.audit.finding import equal
from recommender.plan import Deployment, Finding, Plan
from recommender.workload import Lengths

IDLE, QUIET, SATURATED = 0.12, 0.17, 0.95
"""Shares of TDP: switched on, running without work to speak of, at most."""
PROMPTS, TOKENS = 0.90, 0.60
HOST_IDLE_W, HOST_MORE_W, PER_HOST = 1500.0, 700.0, 8
FANS = 1.08


class Use(NamedTuple):
    """What a replica's accelerators are busy with, and what they draw meanwhile.

    Attributes
    ----------
    prompts, tokens
        Shares of time, u and v [1].
    on_prompts, on_tokens
        Shares of TDP [1].
    """

    prompts: float
    tokens: float
    on_prompts: float = PROMPTS
    on_tokens: float = TOKENS


def findings(plan: Plan, catalog: Catalog, lengths: Lengths) -> Iterator[Finding]:
    """Each deployment's power at the rate that it carries."""
    if plan.totals is None:
        return
    for d in (d for d in plan.deployments if d.step_law):
        paid = accelerators_paid(d, plan, catalog)
        watts = planned_w(d, paid, catalog, _lengths_of(d, lengths))
        yield equal(f"{d.name}: planned power", d.power_w, watts, "W")


def _lengths_of(d: Deployment, lengths: Lengths) -> Lengths:
    """What a pool has to do: a prefill pool gives one token, a decode pool gets whole caches."""
    inputs, outputs = lengths.input_tokens, lengths.output_tokens
    if d.pool == "prefill":
        return Lengths(inputs, np.ones_like(outputs), lengths.cached_tokens)
    return Lengths(inputs, outputs) if d.pool == "decode" else lengths


def accelerators_paid(d: Deployment, plan: Plan, catalog: Catalog) -> float:
    """Its part of the accelerators of the nodes that it stands on [count]."""
    size = {x.name: x.pp * x.tp * x.adp / x.instances_per_accelerator for x in plan.deployments}
    paid = 0.0
    for p in plan.placements:
        if d.name in p.replicas:
            bought = p.groups * p.nodes_per_group * catalog.offers[p.offer].node_accelerators
            used = sum(size[name] * count for name, count in p.replicas.items())
            paid += bought * size[d.name] * p.replicas[d.name] / used
    return paid


def planned_w(d: Deployment, paid: float, catalog: Catalog, lengths: Lengths) -> float:
    """All replicas at their rate, and what they leave idle of what is paid for [W]."""
    offer = catalog.offers[d.offer]
    tdp_w = catalog.accelerators[d.accelerator].tdp_w
    nameplate_w = offer.nameplate_power_w * paid / offer.node_accelerators
    if tdp_w is None:
        return nameplate_w
    used = d.dp * d.pp * d.tp * d.adp / d.instances_per_accelerator
    use = _use(d, tdp_w, lengths)
    busy = use.prompts + use.tokens
    drawn = IDLE * (1 - busy) + use.on_prompts * use.prompts + use.on_tokens * use.tokens
    running_w = used * (tdp_w * drawn + (HOST_IDLE_W + HOST_MORE_W * busy) / PER_HOST)
    idle_w = (paid - used) * (IDLE * tdp_w + HOST_IDLE_W / PER_HOST)
    return min(FANS * (running_w + idle_w), nameplate_w)


def idle_node_w(offer: str, catalog: Catalog) -> float:
    """A node that serves nothing; its nameplate where the TDP is not known [W]."""
    sold = catalog.offers[offer]
    tdp_w = catalog.accelerators[sold.accelerator].tdp_w
    if tdp_w is None:
        return sold.nameplate_power_w
    each_w = IDLE * tdp_w + HOST_IDLE_W / PER_HOST
    return min(FANS * sold.node_accelerators * each_w, sold.nameplate_power_w)


def _use(d: Deployment, tdp_w: float, lengths: Lengths) -> Use:
    law = d.step_law
    inputs, outputs = lengths.input_tokens.astype(float), lengths.output_tokens.astype(float)
    found = np.zeros_like(inputs) if lengths.cached_tokens is None else lengths.cached_tokens
    computed = float((inputs - found).mean())
    prompt_s = law["d"] * computed + law["q"] * float((inputs**2 - found**2).mean()) / 2
    rate = d.requests_per_s / d.dp / law["ranks"]
    decoding = rate * float(outputs.mean()) * d.tpot_p99_s
    prompts = min(rate * prompt_s, 1.0)
    use = Use(prompts, max(1 - exp(-decoding) - prompts, 0.0))
    if not law["step_j"]:
        return use
    context = float((inputs * outputs + outputs**2 / 2).mean() / outputs.mean())
    full = max(min(law["max_batch"], law["kv_tokens"] / context), 1.0)
    batch = min(max(decoding, 1.0), full)
    step_s = law["a"] + (law["b"] + law["g"] * context) * batch
    step_w = (law["step_j"] + law["sequence_j"] * batch) / step_s
    prompt_w = law["prompt_j"] * computed / prompt_s if prompt_s else inf
    return use._replace(on_prompts=_drawn(prompt_w / tdp_w), on_tokens=_drawn(step_w / tdp_w))


def _drawn(work: float) -> float:
    """Share of TDP, for work that would take so many TDPs at what the first of it costs [1]."""
    return QUIET + (SATURATED - QUIET) * (1 - exp(-work))
