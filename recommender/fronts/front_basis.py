"""What the rates and p99s of a front of mixed plans rest on, in words."""

from collections.abc import Sequence

from recommender.decision.study import Study
from recommender.fronts.front_axes import Axes
from recommender.fronts.rates_on_offer import FrontRates
from recommender.plan import FrontPoint
from recommender.wording import hourly

CLOSED = "Rates and p99 are closed forms, rates at their 95 % lower factor; nothing is simulated."
LEAST_APART = 0.005
"""Share by which a plan is cheaper, from which on it is told."""


def simulated_basis(found: FrontRates, points: Sequence[FrontPoint]) -> str:
    """Of simulated rates: for how many kinds of replica, and what stands for the others."""
    kinds = f"{found.simulated} kind{'' if found.simulated == 1 else 's'} of replica"
    if found.whole and not found.simulated:
        return "No kind of replica on offer holds the targets at the upper 95 % limit of its rate."
    if found.whole:
        text = (
            f"Rates are simulated, as those of a plan are: {kinds}; no other on offer is in a "
            "point even at the upper 95 % limit of its rate."
        )
    else:
        ended = "Ctrl-C came" if found.interrupted else "Time was up"
        more = "" if found.interrupted else "; raise --time-limit"
        text = (
            f"{ended} with the rates of {kinds} simulated. The others are closed forms at their "
            f"95 % lower factor: points on them hold, and may be dearer than need be{more}."
        )
    return f"{text}{_p99_basis(points)}"


def _p99_basis(points: Sequence[FrontPoint]) -> str:
    """How far p99 is simulated; only points beside simulated ones are marked."""
    simulated = [point.simulated for point in points]
    if not points:
        return ""
    if all(simulated):
        return " p99 is simulated."
    return " p99 with ~ is a closed form." if any(simulated) else " p99 is a closed form."


def beside_the_plan(study: Study, axes: Axes, points: Sequence[FrontPoint]) -> str:
    """What `recommend` comes to on simulated rates, where that is less than any point costs."""
    if not points or "cost" not in axes.names:
        return ""
    decision = study.decide(objective="cost", then=(), tolerances=())
    least = min(point.cost_usd_per_h for point in points)
    if not decision.purchase or decision.cost_usd_per_h >= least * (1.0 - LEAST_APART):
        return ""
    less = 1.0 - decision.cost_usd_per_h / least
    return (
        f" recommend simulates: its plan for this request costs {hourly(decision.cost_usd_per_h)}, "
        f"{100 * less:.0f} % less than the cheapest point here ({hourly(least)}). Read here how "
        "cost grows as p99 falls, and there what a plan costs."
    )
