"""What can be bought at the current rates: replicas packed into nodes, and nodes priced on offers.

A node pattern depends on the rates of its kind of node and on the facts of the node that the
question limits; it is kept until one of these rates changes.
"""

from collections.abc import Callable

from recommender.decision.good_enough import good_enough
from recommender.decision.group_attributes import completed
from recommender.decision.node_limits import NodeFacts, fits_node, node_facts
from recommender.decision.question import Question
from recommender.decision.rates import Rates
from recommender.enumeration.market import Market
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.node_pattern import NodePattern, Replica
from recommender.formulation.node_patterns import node_patterns
from recommender.formulation.priced_patterns import failure_groups

Allowed = Callable[[int], bool]
"""Whether a replica kind may be used, by its position in the table."""


def every_kind(position: int) -> bool:
    """Allows all replica kinds."""
    return True


class GroupsOnOffer:
    """The failure groups of a market, with all that one question looks at."""

    def __init__(
        self,
        market: Market,
        question: Question,
        table: ReplicaTable,
        rates: Rates,
        *,
        allowed: Allowed = every_kind,
    ) -> None:
        self._market, self._question, self._allowed = market, question, allowed
        self._table, self._rates = table, rates
        self._patterns: dict[tuple[int, NodeFacts], tuple[NodePattern, ...]] = {}

    def groups(self) -> list[FailureGroup]:
        """All groups at the rates of now."""
        found: list[FailureGroup] = []
        for offer, kinds in zip(self._market.offers, self._market.kinds_of_offer, strict=True):
            facts = node_facts(offer, self._question)
            for kind in kinds:
                if patterns := self._patterns_of(kind, facts):
                    priced = failure_groups(offer, patterns)
                    found += completed(priced, offer, self._question, self._table, self._rates)
        return found

    def rate_changed(self, position: int) -> None:
        """Patterns of the node of a replica kind are looked for again."""
        kind = int(self._table.hardware_index[position])
        for key in [key for key in self._patterns if key[0] == kind]:
            del self._patterns[key]

    def _patterns_of(self, kind: int, facts: NodeFacts) -> tuple[NodePattern, ...]:
        known = self._patterns.get((kind, facts))
        if known is None:
            known = node_patterns(
                self._replicas(kind, facts),
                node_accelerators=self._table.hardware[kind].node_accelerators,
                partly_filled=self._question.limits_rates_from_above,
            )
            self._patterns[kind, facts] = known
        return known

    def _replicas(self, kind: int, facts: NodeFacts) -> list[Replica]:
        """What may run on a kind of node."""
        table, rate, question = self._table, self._rates.rate, self._question
        return [
            Replica(
                key=str(position),
                accelerators=int(table.accelerators[position]),
                requests_per_s=float(rate[position]),
                quality_loss_pct=float(table.quality_loss_pct[position]),
            )
            for position in table.of_hardware(kind)
            if rate[position] > 0
            and self._allowed(int(position))
            and fits_node(int(position), table, facts, question)
            and good_enough(int(position), table, question)
        ]
