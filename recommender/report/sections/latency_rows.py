"""Rows of a deployment for targets besides the p99 of all requests, and for goodput.

A percentile that a run of the same length may find more than 2 % higher says so.
"""

from recommender.plan import Deployment, Plan
from recommender.report import quantities as q
from recommender.slo import EVERY_REQUEST, Target

Row = tuple[str, tuple[str, ...]]
TELLING = 0.02
"""Less is below the digits that are shown, or the error of any step time."""


def latency_rows(plan: Plan) -> tuple[Row, ...]:
    """One row per further target, in the plan's order, then goodput where it was asked for."""
    rows = [
        (
            target.name,
            tuple(f"{_target(d, index)}{spread(plan, d, target.name)}" for d in plan.deployments),
        )
        for index, target in enumerate(plan.targets)
        if not _is_shown(target)
    ]
    if plan.goodput is not None:
        rows.append(("goodput", tuple(_goodput(d) for d in plan.deployments)))
    return tuple(rows)


def latency(stated_s: float, predicted_s: float) -> str:
    """`186 ms (closed form 191 ms)`."""
    if stated_s == predicted_s:
        return f"{q.duration(stated_s)} (closed form)"
    return f"{q.duration(stated_s)} (closed form {q.duration(predicted_s)})"


def spread(plan: Plan, d: Deployment, name: str) -> str:
    """` ± 5 %` of the target of this name, where that is telling."""
    if d.pool or len(d.targets_s) != len(d.targets_half_width_s):
        return ""
    figures = zip(plan.targets, d.targets_s, d.targets_half_width_s, strict=False)
    for target, stated_s, half_s in figures:
        if target.name == name and stated_s > 0.0 and half_s > TELLING * stated_s:
            return f" \N{PLUS-MINUS SIGN} {q.significant(100 * half_s / stated_s, 1)} %"
    return ""


def _is_shown(target: Target) -> bool:
    """The p99s of all requests have rows of their own, whether targets or not."""
    everything = target.percentile == 0.99 and target.bucket == EVERY_REQUEST
    return everything and target.metric != "itl"


def _target(d: Deployment, index: int) -> str:
    if index >= len(d.targets_s):
        return "not stated"
    stated_s = d.targets_s[index]
    predicted = d.targets_predicted_s
    return latency(stated_s, predicted[index] if index < len(predicted) else stated_s)


def _goodput(d: Deployment) -> str:
    if d.goodput is None:
        return "not stated"
    if d.goodput_predicted is None or d.goodput == d.goodput_predicted:
        return f"at least {d.goodput:.2%} (closed form)"
    return f"{d.goodput:.2%} (closed form at least {d.goodput_predicted:.2%})"
