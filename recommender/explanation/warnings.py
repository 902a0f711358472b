"""Warnings of a plan: what a buyer must check before signing."""

import datetime
from collections.abc import Iterator, Sequence

from recommender.assembly.assemble import Assembled
from recommender.explanation.burst_warnings import burst_warnings
from recommender.explanation.checkpoint_warnings import checkpoint_warnings
from recommender.explanation.horizon_warnings import horizon_warnings
from recommender.explanation.latency_warnings import latency_warnings
from recommender.explanation.quality_warnings import quality_warnings
from recommender.explanation.terms_warnings import terms_warnings
from recommender.plan import PeriodPlan
from recommender.program.canonical import RATE_UNITS_PER_DEMAND, RoundingLoss
from recommender.request.own_constants import calibration_of
from recommender.request.request import Request

UNVERIFIED_NODES = 32
"""More nodes of one cloud offer than this are seldom available on demand."""
CALIBRATED = ("calibrated", "measured", "own runs")
STALE_DAYS = 365
ROUNDED_AWAY = 0.01
"""A larger share of a rate is worth a word: the plan may cost that much less."""


def warnings_of(
    request: Request,
    parts: Assembled,
    *,
    today: datetime.date,
    periods: Sequence[PeriodPlan] = (),
) -> tuple[str, ...]:
    """Sentences: what may not be had, what was not measured, what is old.

    Of bursts also what they are in the periods of a day whose peak this is.
    """
    return (
        *latency_warnings(request, parts),
        *burst_warnings(request, parts, periods),
        *_availability(request, parts),
        *_delivery(request, parts),
        *_context(request, parts),
        *_spanning(parts),
        *_exchanged_over_nodes(request, parts),
        *_larger_than_measured(request, parts),
        *_shared(parts),
        *_basis(parts),
        *_quality(request, parts),
        *quality_warnings(request, dict.fromkeys(d.model for d in parts.deployments)),
        *_prices(request, parts, today),
        *terms_warnings(request, parts.nodes),
        *horizon_warnings(request, parts.nodes),
        *request.left_out,
    )


def rounded_away(loss: RoundingLoss) -> Iterator[str]:
    """The optimum is that of integers: in a very large fleet a node has few of them."""
    if loss.rate > ROUNDED_AWAY:
        yield (
            f"rates count in {RATE_UNITS_PER_DEMAND:,}ths of the demand, which took up to "
            f"{100 * loss.rate:.0f} % off a node's: the cheapest fleet may cost that much less; "
            "ask for a part of the demand, and buy it several times"
        )


def within_rounding(loss: RoundingLoss) -> Iterator[str]:
    """What is infeasible for integers by less than they lose need not be so for the rates."""
    if loss.rate > ROUNDED_AWAY:
        yield (
            f"rates count in {RATE_UNITS_PER_DEMAND:,}ths of the demand, which took up to "
            f"{100 * loss.rate:.0f} % off a node's: a plan that meets the limits by less than that "
            "was not looked for; ask for a part of the demand, and buy it several times"
        )


def _availability(request: Request, parts: Assembled) -> Iterator[str]:
    for purchase in parts.nodes:
        offer = request.catalog.offers[purchase.offer]
        if purchase.nodes > UNVERIFIED_NODES and offer.stock is None:
            yield (
                f"{purchase.nodes} nodes of {purchase.offer}: availability not verified; ask the "
                "provider, or state the stock in an overlay"
            )


def _delivery(request: Request, parts: Assembled) -> Iterator[str]:
    if request.spec.within is None:
        return
    for purchase in parts.nodes:
        offer = request.catalog.offers[purchase.offer]
        if offer.lead_time_days is None and offer.terms != "owned":
            terms = offer.terms.replace("_", " ")
            yield f"{purchase.offer}: {terms} starts at once; availability not verified"


def _context(request: Request, parts: Assembled) -> Iterator[str]:
    longest = request.workload.lengths.longest
    served = {d.model for d in parts.deployments}
    for model in request.models:
        if model.id in served and model.max_context is not None and longest > model.max_context:
            yield (
                f"the longest request of the workload has {longest:,} tokens, {model.id} takes "
                f"{model.max_context:,}: longer ones will be refused or cut by the engine"
            )


def _spanning(parts: Assembled) -> Iterator[str]:
    for d in parts.deployments:
        if d.nodes_per_replica > 1:
            yield (
                f"{d.name}: every replica spans {d.nodes_per_replica} nodes, which must lie in one "
                "scale-up domain or on one network; ask whether the provider sells them so. Losing "
                "any of them loses the replica"
            )


def _exchanged_over_nodes(request: Request, parts: Assembled) -> Iterator[str]:
    """Step times of experts over nodes rest on kernels and flags that are no engine's default."""
    for d in parts.deployments:
        accelerator = request.catalog.accelerators[d.accelerator]
        inside = d.tp * d.adp <= accelerator.scale_up_domain
        if d.nodes_per_replica == 1 or d.adp == 1 or d.ep == 1 or inside:
            continue
        flag = request.engine.overlap_flag
        hidden = f", {flag} where it pays" if flag else ""
        yield (
            f"{d.name}: dispatch and combine of experts cross nodes; step times assume DeepEP "
            f"kernels on 0.8 to 0.92 of the network{hidden}, and experts balanced over the ranks "
            "(EPLB; without it, tokens were 2.5 times slower in 9 nodes): measure it"
        )


def _larger_than_measured(request: Request, parts: Assembled) -> Iterator[str]:
    """All-reduces of groups beyond the largest that was measured go on as those did."""
    calibration = calibration_of(request.spec)
    for d in parts.deployments:
        largest = calibration.largest_all_reduce(accelerator=d.accelerator)
        if 0 < largest < d.tp:
            yield (
                f"{d.name}: all-reduces of {d.tp} accelerators were never measured; those of "
                f"{largest} go on as they fall up to there: measure them before buying"
            )


def _shared(parts: Assembled) -> Iterator[str]:
    for d in parts.deployments:
        if d.sharing:
            law = (
                "its slice of memory, bandwidth and compute"
                if d.sharing.startswith("mig")
                else "a step of every other instance between two of its own"
            )
            yield (
                f"{d.name}: {d.instances_per_accelerator} instances share an accelerator "
                f"({d.sharing}); step times assume {law}, and enough host processors for all"
            )


def _basis(parts: Assembled) -> Iterator[str]:
    for d in parts.deployments:
        if d.basis not in CALIBRATED:
            yield (
                f"{d.name}: step times of {d.accelerator} with {d.precision} are {d.basis}, not "
                "measured; calibrate with your own runs before buying"
            )


def _quality(request: Request, parts: Assembled) -> Iterator[str]:
    transferred = (d.precision for d in parts.deployments if d.quality_basis == "transferred")
    for precision in dict.fromkeys(transferred):
        yield f"the quality loss of {precision} was measured on another model family"
    yield from checkpoint_warnings(request, ((d.precision, d.model) for d in parts.deployments))


def _prices(request: Request, parts: Assembled, today: datetime.date) -> Iterator[str]:
    for purchase in parts.nodes:
        offer = request.catalog.offers[purchase.offer]
        date = offer.date
        if date is None or offer.date_precision == "undated":
            yield f"the price of {purchase.offer} is undated"
        elif (today - date).days > STALE_DAYS:
            yield f"the price of {purchase.offer} was read on {date}, over a year ago"
