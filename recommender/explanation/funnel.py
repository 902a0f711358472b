"""The funnel: how many deployments were considered, and what each kind of rejection took."""

import numpy as np

from recommender.decision.study import Study
from recommender.explanation.by_margin import margin_sentence, out_by_margin
from recommender.explanation.nearest import nearest_to_slo
from recommender.plan import Funnel

BY_MARGIN = "latency, by its margin alone"
"""Reason of cuts that would serve at their central step times."""


def funnel_of(study: Study) -> Funnel:
    """Counts of cuts in a format; engine settings of one cut count once.

    What the margin for model error alone keeps out has a reason of its own: it may well serve.
    """
    rejections, table = study.enumeration.rejections, study.table
    useful = study.rates.rate > 0
    cuts = [table.cut(position) for position in range(len(table))]
    serving = {cut for cut, good in zip(cuts, useful, strict=True) if good}
    uncertain = [int(p) for p in out_by_margin(study) if cuts[p] not in serving]
    by_margin = {cuts[p] for p in uncertain}
    too_slow = set(cuts) - serving - by_margin
    rejected, examples = dict(rejections.counts), dict(rejections.examples)
    if too_slow:
        rejected["latency"] = len(too_slow)
        among = [position for position, cut in enumerate(cuts) if cut in too_slow]
        examples["latency"] = nearest_to_slo(study, np.asarray(among, dtype=np.intp))
    if by_margin:
        rejected[BY_MARGIN] = len(by_margin)
        examples[BY_MARGIN] = margin_sentence(study, np.asarray(uncertain, dtype=np.intp))
    return Funnel(
        considered=study.enumeration.considered,
        candidates=len(serving),
        rejected=rejected,
        examples=examples,
    )
