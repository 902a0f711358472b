r"""Dominance: groups that no optimal plan needs, taken out before solving.

    i dominates j    when  rate[i] >= rate[j]  and  a[i] <= a[j]  for every attribute a in use,
                     i and j are equal on every key in use, and
                     i has the offer of j, or no stock limit

Attributes in use: the objectives, and price, power, accelerators, nodes, carbon where a row limits
them; the rate itself, rounded up and down, and the quality loss, where a row compares rates
(share, mean quality, utilisation, model quality), so that there i dominates j only at equal rate.
Keys in use: the classes (type, provider, zone, region) that a row names; the model where a plan may
serve one only; the offer under racks; the
pool of racks and the nodes of a group where a rack may be lost.

Proof. Put one i for each j of a plan. Demand: rate rises. Spare: the sum of all but the k largest
rates rises with every single rate. Limits: their attribute does not rise. Stock: within an offer
the nodes do not rise (nodes are in use where the offer has a stock); from another offer, i has no
stock limit. Classes: unchanged. Loss of a rack: i stands in the racks of j with as many nodes, and
min(rate, theta w) rises with the rate. So one of the best plans uses no dominated group.

Only one for one: k copies of i in place of j is not used across offers, where it would need more
conditions, and a bigger j in place of several i is wrong under redundancy: with D = 40 and N+1,
two B (42 $/h, 40/s) cost 84, two A (80 $/h, 80/s) cost 160.
"""

from collections.abc import Callable, Sequence

from recommender.formulation.sized_group import SizedGroup

Attribute = Callable[[SizedGroup], int]
Key = Callable[[SizedGroup], str | None]

ATTRIBUTES: dict[str, Attribute] = {
    "cost": lambda g: g.price,
    "power": lambda g: g.power,
    "accelerators": lambda g: g.group.accelerators,
    "nodes": lambda g: g.group.nodes,
    "carbon": lambda g: g.carbon,
    "energy": lambda g: g.energy,
    "loss": lambda g: g.loss,
    "rate": lambda g: g.most_rate,
    "least rate": lambda g: -g.least_rate,
    "quality": lambda g: -g.quality,
}


def undominated(
    groups: Sequence[SizedGroup], *, attributes: Sequence[str], keys: Sequence[Key] = ()
) -> list[SizedGroup]:
    """The groups that some optimal plan may need, by name; of equals the first by name stays."""
    used = [ATTRIBUTES[name] for name in attributes]
    values = {g.name: tuple(a(g) for a in used) for g in groups}
    ordered = sorted(groups, key=lambda g: (*values[g.name], -g.rate, g.group.nodes, g.name))
    kept: dict[tuple[str | None, ...], list[SizedGroup]] = {}
    for group in ordered:
        rivals = kept.setdefault(tuple(key(group) for key in keys), [])
        if not any(_dominates(rival, group, values) for rival in rivals):
            rivals.append(group)
    return sorted((g for rivals in kept.values() for g in rivals), key=lambda g: g.name)


def _dominates(i: SizedGroup, j: SizedGroup, values: dict[str, tuple[int, ...]]) -> bool:
    if i.rate < j.rate or any(a > b for a, b in zip(values[i.name], values[j.name], strict=True)):
        return False
    if i.group.offer == j.group.offer:
        return i.group.stock is None or i.group.nodes <= j.group.nodes
    return i.group.stock is None
