"""What if one value were another: the answer along a sweep, and where it flips.

Each step is decided as the main command decides it, on simulated rates unless `--fast` is asked
for, with pools where `--disaggregate` asks for them, and its p99 rests on the same (`rates`).
Prices, stock and limits change the program but no replica, so a sweep over them reuses every rate
that has been found, simulated ones included; one over the demand does so where arrivals are
Poisson, and else reuses sizes. Each step is a decision, with the whole time limit for itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from catalog import Catalog, CatalogError
from catalog.schema import Offer
from recommender.clock import Clock
from recommender.deadline import deadline_in
from recommender.decision.decision import Decision
from recommender.decision.question_of import question_of
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.disaggregation.answer import plan_with_pools
from recommender.disaggregation.asked import before_pools, for_pools
from recommender.disaggregation.compare import (
    Comparison,
    compare,
    nothing_found,
    status_with,
    with_comparison,
)
from recommender.disaggregation.pools_text import pools_text
from recommender.engine import decide
from recommender.enumeration.known_sizes import KnownSizes
from recommender.enumeration.market import Market
from recommender.errors import RecommenderError, SpecError
from recommender.explanation.plan_of import plan_of
from recommender.explanation.purchase_text import purchase_text
from recommender.plan import Plan
from recommender.progress import SILENT, Progress
from recommender.request.request import resolve
from recommender.request.spec import Spec
from recommender.solvers.outcome import Status
from recommender.what_if.override import Variant, override


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The answer at one value of the sweep.

    Attributes
    ----------
    flips
        Whether accelerators or layouts differ from the step before.
    rates
        What rates and p99 rest on: `simulated`, or which closed form; empty without a plan.
    horizon_h, cost_over_horizon_usd
        Where `--horizon` is given, the hours and what the plan costs over them.
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
    rates: str = ""
    horizon_h: float | None = None
    cost_over_horizon_usd: float | None = None


Kind = frozenset[tuple[object, ...]]
"""Accelerators and layouts of a plan: where they change, the answer flips."""


def what_if(
    spec: Spec,
    path: str,
    values: Sequence[str],
    *,
    catalog: Catalog,
    progress: Progress = SILENT,
) -> Iterator[Step]:
    """One step per value, in order; Ctrl-C ends the step it falls into, and with it the sweep."""
    base: Study | None = None
    sizes = KnownSizes()
    before: Kind | None = None
    for value in values:
        progress.phase(f"{path}={value}")
        try:
            variant = override(spec, catalog, path, value)
            study = _study(variant, base, sizes)
        except (RecommenderError, CatalogError) as error:
            yield _failed(value, error)
            continue
        if variant.same_performance and (base is None or not _sells(base, study.request.offers)):
            base = study
        try:
            step, kind, is_interrupted = _decided(value, study)
        except SpecError as error:  # of pools that are asked for and cannot be had
            yield _failed(value, error)
            continue
        flips = before is not None and kind != before
        before = kind
        yield replace(step, flips=flips)
        if is_interrupted:  # this step kept what it had; the others are not begun
            raise KeyboardInterrupt


def _study(variant: Variant, base: Study | None, sizes: KnownSizes) -> Study:
    if base is None or not variant.same_performance:
        return study_of(variant.spec, catalog=variant.catalog, sizes=sizes)
    request = resolve(variant.spec, variant.catalog)
    quieter = base.request.workload.quieter  # what the rates that are kept rest on
    request = replace(request, workload=replace(request.workload, quieter=quieter))
    if not _sells(base, request.offers):  # an offer had no stock at the first value
        return study_of(variant.spec, catalog=variant.catalog, sizes=sizes)
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
    within = deadline_in(request.spec.time_limit)
    return Study(request, enumeration, question_of(request), base.decider, within)


def _sells(study: Study, offers: Sequence[Offer]) -> bool:
    """Whether the market of a study holds all these offers."""
    return {offer.name for offer in offers} <= {o.name for o in study.enumeration.market.offers}


def _decided(value: str, study: Study) -> tuple[Step, Kind, bool]:
    """The answer of the main command, without its explanation; whether Ctrl-C cut it short."""
    clock = Clock(SILENT)
    asked = study
    begun = before_pools(asked)
    study, decision = decide(begun, clock)
    comparison = compare(for_pools(asked, begun, study), decision, clock)
    step, kind = _answer(value, study, decision, comparison)
    return step, kind, decision.interrupted or comparison.interrupted


def _answer(
    value: str, study: Study, decision: Decision, comparison: Comparison
) -> tuple[Step, Kind]:
    if comparison.winner is not None:
        on = comparison.study or study
        plan = plan_with_pools(on, decision, comparison, explain=False)
        totals = plan.totals
        assert totals is not None
        mean = totals.mean_cost_usd_per_h if plan.periods else None
        usd_per_h = totals.cost_usd_per_h if mean is None else mean
        return _step(value, plan, usd_per_h, pools_text(plan.deployments))
    if comparison.asked_only:
        why, certain = nothing_found(comparison)
        status = Status.INFEASIBLE if certain else Status.NOT_REACHED
        return _empty(value, str(status), why), frozenset()
    if not decision.purchase:
        status = status_with(comparison, decision.solution.outcome.status)
        return _empty(value, str(status), "no plan"), frozenset()
    text = purchase_text(study, decision.purchase)
    plan = with_comparison(plan_of(study, decision), study, comparison)
    return _step(value, plan, decision.cost_usd_per_h, text)


def _step(value: str, plan: Plan, cost_usd_per_h: float, answer: str) -> tuple[Step, Kind]:
    totals = plan.totals
    assert totals is not None
    step = Step(
        value=value,
        status=plan.status,
        cost_usd_per_h=cost_usd_per_h,
        p99_s=totals.p99_s,
        power_nameplate_w=totals.power_nameplate_w,
        nodes=totals.nodes,
        accelerators=totals.accelerators,
        answer=answer,
        flips=False,
        rates="; ".join(dict.fromkeys(d.rate_basis for d in plan.deployments)),
        horizon_h=totals.horizon_h,
        cost_over_horizon_usd=totals.cost_over_horizon_usd,
    )
    kind = frozenset(
        (d.pool, d.accelerator, d.provider, d.precision, d.tp, d.pp, d.adp, d.ep)
        for d in plan.deployments
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
