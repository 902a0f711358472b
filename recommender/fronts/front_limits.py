"""How many groups of one kind the limits of a question allow, for plans of one kind only.

Every limit on a total is a limit on the number m of groups:  m <= floor(limit / use of one group);
utilisation is m <= floor(Q / (u c)), racks m * nodes <= racks * nodes in a rack. A limit that a
kind breaks with any number (mean quality loss, model quality, host RAM) allows none.
"""

from catalog.schema import Offer
from recommender.decision.good_enough import good_enough
from recommender.decision.group_attributes import completed
from recommender.decision.node_limits import fits_node, node_facts
from recommender.decision.question import Question
from recommender.decision.single import UNLIMITED, most_alone, with_a_rack_lost
from recommender.decision.study import Study
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.node_pattern import NodePattern
from recommender.formulation.priced_patterns import failure_groups


def limits_kinds(question: Question) -> bool:
    """Whether a limit beyond budget, power and stock bounds the groups of a kind."""
    return any(
        limit is not None
        for limit in (
            question.max_accelerators,
            question.max_nodes,
            question.min_utilisation,
            question.mean_quality_loss_pct,
            question.min_quality,
            question.least_mean_quality,
            question.most_shortfall_pct,
            *_of_offers(question),
        )
    )


def looks_at_offers(question: Question) -> bool:
    """Whether a limit tells offers of equal nodes apart by more than price, power and stock."""
    return any(limit is not None for limit in _of_offers(question))


def _of_offers(question: Question) -> tuple[object, ...]:
    return (
        question.carbon_g_per_h,
        question.racks,
        question.min_host_ram_factor,
        question.within_days,
        question.cooling,
        question.max_load_time_s,
        question.max_network_share,
        question.survive_rack or None,
    )


def most_groups(study: Study, position: int, offer: Offer) -> int:
    """Most groups of equal replicas of a kind on nodes of an offer [count]."""
    question, table = study.question, study.table
    if not good_enough(position, table, question):
        return 0
    if not fits_node(position, table, node_facts(offer, question), question):
        return 0
    group = _group(study, position, offer)
    return 0 if group is None else most_alone(group, question)


def fewest_for_racks(study: Study, position: int, offer: Offer) -> int:
    """Fewest groups of a kind that carry the demand without what a rack takes [count]."""
    group = _group(study, position, offer)
    if group is None or not group.rack_nodes:  # how many nodes share a rack is unknown
        return UNLIMITED
    return with_a_rack_lost(group, study.question)


def _group(study: Study, position: int, offer: Offer) -> FailureGroup | None:
    """The group as the question sees it; None where an offer or its network is out."""
    table, rates = study.table, study.rates
    replicas = table.replicas_per_group(position)
    pattern = NodePattern(
        nodes=int(table.nodes[position]),
        replicas={str(position): replicas},
        requests_per_s=replicas * float(rates.rate[position]),
        quality_loss_pct=float(table.quality_loss_pct[position]),
    )
    plain = study.question.without("survive").without("min_zones")
    made = completed(failure_groups(offer, (pattern,)), offer, plain, table, rates)
    return next(iter(made), None)
