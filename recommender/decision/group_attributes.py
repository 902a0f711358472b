"""What the limits of a question look at, written into the groups that can be bought.

    planned power   min( nameplate, replicas at 1/(1+h) of their rate, never idle,
                         + idle power of what stays empty )                                   W
    carbon          planned power * PUE * grid intensity                                    g/h
    zones           one copy of a group per zone, with racks of its own; the offer, and so its
                    stock, stays the same

Planned power is a bound from above for every plan that meets the demand row (capacity >= (1+h) Q,
so every replica carries at most 1/(1+h) of its rate), and so is carbon: a limit that holds here
holds for the plan.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from catalog.schema import Offer
from recommender.decision.node_limits import deliverable, within_network
from recommender.decision.offer_facts import NOTHING
from recommender.decision.question import Question
from recommender.decision.rates import Rates
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.performance.planned_power import busy_power_w, idle_power_w
from recommender.request.site_facts import zones_of


def completed(
    groups: Iterable[FailureGroup],
    offer: Offer,
    question: Question,
    table: ReplicaTable,
    rates: Rates,
) -> Iterator[FailureGroup]:
    """The groups of an offer with the attributes that the question needs."""
    if not deliverable(offer, question):
        return
    facts = question.facts.get(offer.name, NOTHING)
    for group in groups:
        if not within_network(group, offer, question):
            continue
        if table.models:
            group = _with_model(group, table)
        if question.racks is not None:
            group = replace(group, rack_units=question.rack_units.get(offer.name))
        if question.facts:
            days = facts.lead_time_days or 0.0
            group = replace(group, rack_nodes=facts.rack_nodes, lead_time_days=days)
            if facts.rack_nodes is not None:
                place = offer.zone or offer.region
                pool = f"{offer.provider}/{offer.instance_type}/{place}"
                group = replace(group, rack_pool=pool)
        if question.needs_planned_power:
            group = _with_power(group, offer, question, table, rates)
        yield from _in_zones(group, offer, question)


def _with_model(group: FailureGroup, table: ReplicaTable) -> FailureGroup:
    """The group with its model, and the quality of its worst replica."""
    inside = [int(key) for key in group.replicas]
    quality = min(table.quality_at(position) or 0.0 for position in inside)
    return replace(group, model=table.model(inside[0]), quality=quality)


def _in_zones(group: FailureGroup, offer: Offer, question: Question) -> Iterator[FailureGroup]:
    if not question.zones_matter:
        yield group
        return
    for zone in zones_of(offer, question.zones):
        racks = None if group.rack_pool is None else f"{group.rack_pool} in {zone}"
        yield replace(group, name=f"{group.name} in {zone}", zone=zone, rack_pool=racks)


def _with_power(
    group: FailureGroup,
    offer: Offer,
    question: Question,
    table: ReplicaTable,
    rates: Rates,
) -> FailureGroup:
    watts, unused = 0.0, float(group.accelerators)
    for key, count in group.replicas.items():
        at = int(key)
        busy_w = busy_power_w(
            law=table.law.take(at),
            lengths=rates.workload.lengths,
            requests_per_s=float(rates.rate[at]) / (1 + question.headroom),
            hardware=table.hardware[table.hardware_index[at]],
            accelerators=table.whole_accelerators(at),
        )
        watts += group.nameplate_w if busy_w is None else count * busy_w
        unused -= count * table.whole_accelerators(at)
    hardware = table.hardware[table.hardware_index[int(next(iter(group.replicas)))]]
    watts += idle_power_w(hardware=hardware, accelerators=unused) or 0.0
    watts = min(watts, group.nameplate_w)
    per_wh = question.carbon_g_per_wh.get(offer.name)
    carbon = None if per_wh is None else watts * per_wh
    return replace(group, planned_w=watts, carbon_g_per_h=carbon)
