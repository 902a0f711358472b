"""What if one value were another: the answer along a sweep, and where it flips.

Prices, stock, demand and limits change the program but no replica, so a sweep over them
reuses every rate that has been found, simulated ones included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from catalog import Catalog, CatalogError
from catalog.schema import Offer
from recommender.assembly.tie_break import chosen
from recommender.decision.decision import Decision
from recommender.decision.question import question_of
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.engine import plan_of
from recommender.enumeration.market import Market
from recommender.errors import RecommenderError, SpecError
from recommender.explanation.purchase_text import purchase_text
from recommender.progress import SILENT, Progress
from recommender.request.request import resolve
from recommender.request.spec import Spec
from recommender.what_if.override import Variant, override


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The answer at one value of the sweep.

    Attributes
    ----------
    flips
        Whether accelerators or layouts differ from the step before.
    """

    value: str
    status: str
    cost_usd_per_h: float | None
    p99_s: float | None
    power_nameplate_w: float | None
    nodes: int | None
    accelerators: int | None
    answer: str
    flips: bool


def what_if(
    spec: Spec,
    path: str,
    values: Sequence[str],
    *,
    catalog: Catalog,
    progress: Progress = SILENT,
) -> Iterator[Step]:
    """One step per value, in order.

    Raises SpecError where pools are asked for: a sweep compares plans whose replicas do both.
    """
    if spec.disaggregate != "never":
        raise SpecError("what-if compares plans whose replicas do both; leave --disaggregate out")
    base: Study | None = None
    before: frozenset[tuple[object, ...]] | None = None
    for value in values:
        progress.phase(f"{path}={value}")
        try:
            variant = override(spec, catalog, path, value)
            study = _study(variant, base)
        except (RecommenderError, CatalogError) as error:
            yield _failed(value, error)
            continue
        if variant.same_performance and (base is None or not _sells(base, study.request.offers)):
            base = study
        study, decision = chosen(study)
        step, kind = _step(value, study, decision)
        flips = before is not None and kind != before
        before = kind
        yield replace(step, flips=flips)


def _study(variant: Variant, base: Study | None) -> Study:
    if base is None or not variant.same_performance:
        return study_of(variant.spec, catalog=variant.catalog)
    request = resolve(variant.spec, variant.catalog)
    if not _sells(base, request.offers):  # an offer had no stock at the first value
        return study_of(variant.spec, catalog=variant.catalog)
    prices = {offer.name: offer for offer in request.offers}
    market = base.enumeration.market
    kept = [
        (prices[offer.name], kinds)
        for offer, kinds in zip(market.offers, market.kinds_of_offer, strict=True)
        if offer.name in prices
    ]
    enumeration = replace(
        base.enumeration, market=Market(tuple(o for o, _ in kept), tuple(k for _, k in kept))
    )
    return Study(request, enumeration, question_of(request), base.decider)


def _sells(study: Study, offers: Sequence[Offer]) -> bool:
    """Whether the market of a study holds all these offers."""
    return {offer.name for offer in offers} <= {o.name for o in study.enumeration.market.offers}


def _step(
    value: str, study: Study, decision: Decision
) -> tuple[Step, frozenset[tuple[object, ...]]]:
    status = str(decision.solution.outcome.status)
    if not decision.purchase:
        return _empty(value, status, "no plan"), frozenset()
    plan = plan_of(study, decision, simulate=False)
    totals = plan.totals
    assert totals is not None
    step = Step(
        value=value,
        status=status,
        cost_usd_per_h=decision.cost_usd_per_h,
        p99_s=totals.p99_s,
        power_nameplate_w=totals.power_nameplate_w,
        nodes=totals.nodes,
        accelerators=totals.accelerators,
        answer=purchase_text(study, decision.purchase),
        flips=False,
    )
    kind = frozenset(
        (d.accelerator, d.provider, d.precision, d.tp, d.pp, d.adp, d.ep) for d in plan.deployments
    )
    return step, kind


def _empty(value: str, status: str, answer: str) -> Step:
    return Step(
        value=value,
        status=status,
        cost_usd_per_h=None,
        p99_s=None,
        power_nameplate_w=None,
        nodes=None,
        accelerators=None,
        answer=answer,
        flips=False,
    )


def _failed(value: str, error: Exception) -> Step:
    return _empty(value, "failed", str(error))
