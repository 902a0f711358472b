"""The funnel: how many deployments were considered, and what each kind of rejection took."""

from recommender.decision.study import Study
from recommender.explanation.nearest import nearest_to_slo
from recommender.plan import Funnel


def funnel_of(study: Study) -> Funnel:
    """Counts of cuts in a format; engine settings of one cut count once."""
    rejections, table = study.enumeration.rejections, study.table
    useful = study.rates.rate > 0
    cuts = [table.cut(position) for position in range(len(table))]
    serving = {cut for cut, good in zip(cuts, useful, strict=True) if good}
    too_slow = set(cuts) - serving
    rejected, examples = dict(rejections.counts), dict(rejections.examples)
    if too_slow:
        rejected["latency"] = len(too_slow)
        examples["latency"] = nearest_to_slo(study)
    return Funnel(
        considered=study.enumeration.considered,
        candidates=len(serving),
        rejected=rejected,
        examples=examples,
    )
