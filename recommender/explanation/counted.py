r"""What a plan uses of a limit, as the rows of the program add it up: rounded up group by group.

    budget   sum_p ceil(price[p] / 1e-4) * 1e-4 * n[p]      power   sum_p ceil(watts[p]) * n[p]

Symbol     Meaning                          Unit
price[p]   of one failure group             $/h
watts[p]   nameplate power of one           W
n[p]       how many are bought              count

A limit at the exact sum has no plan: 193 nodes of 1787.5 W draw 344,987.5 W and count 345,084 W.
Prices per year or per accelerator have more than four decimals, so budgets differ in the same way.
"""

from collections.abc import Iterable
from dataclasses import replace

from recommender.decision.decision import Decision, Purchase
from recommender.formulation.failure_group import FailureGroup
from recommender.program.canonical import power_units, price_units, usd_per_h


def counted(group: FailureGroup) -> FailureGroup:
    """A group with its price [$/h] and its power [W] as rows count them."""
    return replace(
        group,
        usd_per_h=usd_per_h(price_units(usd_per_h=group.usd_per_h)),
        nameplate_w=float(power_units(watts=group.nameplate_w)),
    )


def counted_usd_per_h(decision: Decision) -> float:
    """What a decision costs as the row of a budget counts it; over a day the mean [$/h]."""
    fleets = tuple(_all(fleet) for fleet in decision.fleets)
    return replace(decision, purchase=_all(decision.purchase), fleets=fleets).cost_usd_per_h


def counted_w(decision: Decision) -> float:
    """Largest nameplate power of a decision as the row of a power limit counts it [W]."""
    return decision.most(lambda group: counted(group).nameplate_w)


def _all(purchase: Iterable[tuple[FailureGroup, int]]) -> Purchase:
    return tuple((counted(group), count) for group, count in purchase)
