"""One period of a plan over the day, as a plan of its own: what `recommend verify --at` replays."""

from dataclasses import replace
from math import isnan, nan

from recommender.errors import SpecError
from recommender.plan import PeriodPlan, Plan

OF_THE_DAY = ("profile", "start_up", "budget", "carbon", "max_types", "min_utilisation")
"""What a spec says about the whole day, or its peak, and not about one period."""


def at_hour(plan: Plan, hour: float) -> Plan:
    """The fleet that runs at an hour of the day, with the spec at the rate of its period.

    Raises SpecError for a plan of one rate, an hour outside of the day, and a period without
    demand.
    """
    if not plan.periods:
        raise SpecError("--at is for plans of a day (--profile); this one is for one rate")
    if not 0 <= hour < 24:
        raise SpecError(f"--at {hour:g}h: hours of the day run from 0h to just below 24h")
    period = next((p for p in plan.periods if p.from_h <= hour < p.to_h), None)
    if period is None:
        raise SpecError(f"the plan has no period at {hour:g}h; solve its spec again")
    if not period.deployments:
        raise SpecError(f"at {hour:g}h there is no demand, and nothing to replay")
    return _alone(plan, period)


def hour_of(text: str) -> float:
    """Hour of the day of `3h`, `8.5h` or `20`; SpecError says what is wrong."""
    try:
        hour = float(text.strip().removesuffix("h"))
    except ValueError:
        hour = nan
    if isnan(hour):
        raise SpecError(f"--at {text!r} is not an hour of the day; write it like 3h")
    return hour


def _alone(plan: Plan, period: PeriodPlan) -> Plan:
    spec = {name: value for name, value in plan.spec.items() if name not in OF_THE_DAY}
    return replace(
        plan,
        spec=spec | {"qps": f"{period.requests_per_s!r}qps"},
        deployments=period.deployments,
        nodes=period.nodes,
        placements=period.placements,
        totals=period.totals,
        pools=period.pools,
        periods=(),
        objective=None,
        bound=None,
        gap=None,
    )
