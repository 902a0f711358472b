"""From a request to its question: flags become numbers, and facts of offers that limits look at."""

from collections.abc import Sequence

from recommender.decision.day import day_of
from recommender.decision.offer_facts import (
    carbon_g_per_wh,
    offer_facts,
    request_bytes,
    units_of_offers,
)
from recommender.decision.question import Question
from recommender.formulation.single_service import RackLimit
from recommender.request.goals import OUTSIDE, Goal
from recommender.request.request import Request


def question_of(request: Request) -> Question:
    """The question that a request asks."""
    spec = request.spec
    stated = [goal.objective for goal in spec.goals]
    first, *then = [name for name in stated if name not in OUTSIDE] or stated
    mean_loss = spec.max_mean_quality_loss
    return Question(
        demand_per_s=spec.qps,
        headroom=spec.headroom,
        failures=spec.failures,
        budget_usd_per_h=spec.budget,
        power_w=spec.power,
        max_accelerators=spec.max_accelerators,
        max_nodes=spec.max_nodes,
        max_types=spec.max_types,
        objective=first,
        then=tuple(then),
        tolerances=_tolerances(spec.goals),
        single=spec.single,
        survive=spec.survived,
        survive_rack=spec.survives_rack,
        zones=spec.zones,
        min_zones=spec.min_zones,
        min_providers=spec.min_providers,
        max_provider_share=spec.max_provider_share,
        min_utilisation=spec.min_utilisation,
        mean_quality_loss_pct=None if mean_loss is None else 100 * mean_loss,
        carbon_g_per_h=spec.carbon,
        racks=_rack_limit(request),
        min_host_ram_factor=spec.min_host_ram_factor,
        within_days=spec.within,
        cooling=spec.cooling,
        max_load_time_s=spec.max_load_time,
        max_network_share=spec.max_network_share,
        request_bytes=request_bytes(request),
        carbon_g_per_wh=carbon_g_per_wh(request),
        rack_units=units_of_offers(request),
        facts=offer_facts(request),
        one_model=len(spec.models) > 1 and not spec.mix_models,
        min_quality=None if spec.mix_models else spec.min_quality,
        least_mean_quality=spec.min_quality if spec.mix_models else None,
        day=day_of(spec, request.workload),
    )


def _tolerances(goals: Sequence[Goal]) -> tuple[float, ...]:
    """What each objective of the program may lose; some are found outside of it."""
    pairs = zip(goals, (*goals[1:], Goal("cost")), strict=True)
    return tuple(
        0.0 if after.objective in OUTSIDE else after.tolerance
        for goal, after in pairs
        if goal.objective not in OUTSIDE
    )


def _rack_limit(request: Request) -> RackLimit | None:
    if request.spec.racks is None:
        return None
    count, units, power_w = request.spec.racks
    return RackLimit(count=count, units=units, power_w=power_w)
