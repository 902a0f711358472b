"""Warnings about what runs only outside of the busiest period of a day."""

import datetime
from collections.abc import Iterator, Sequence

from recommender.assembly.assemble import Assembled
from recommender.explanation.burst_warnings import burst_warnings
from recommender.explanation.warnings import warnings_of
from recommender.plan import Deployment, PeriodPlan
from recommender.request.request import Request


def warnings_of_day(
    request: Request, peak: Assembled, periods: Sequence[PeriodPlan], *, today: datetime.date
) -> Iterator[str]:
    """Those of deployments and nodes that the peak does not have, once each, with their hours.

    Bursts are left out: what all replicas of a period meet of them is said with the peak.
    """
    said = {*warnings_of(request, peak, today=today)}
    layouts = {_layout(d) for d in peak.deployments}
    offers = {node.offer for node in peak.nodes}
    for period in periods:
        new = tuple(d for d in period.deployments if _layout(d) not in layouts)
        nodes = tuple(node for node in period.nodes if node.offer not in offers)
        layouts |= {_layout(d) for d in new}
        offers |= {node.offer for node in nodes}
        if period.totals is None or not (new or nodes):
            continue
        parts = Assembled(new, nodes, (), period.totals)
        said |= {*burst_warnings(request, parts)}
        for warning in warnings_of(request, parts, today=today):
            if warning not in said:
                yield f"{period.from_h:.4g}-{period.to_h:.4g} h: {warning}"


def _layout(d: Deployment) -> tuple[object, ...]:
    return (d.offer, d.precision, d.kv_precision, d.tp, d.pp, d.adp, d.ep, d.chunk_tokens)
