"""How the request was read: which model the name was taken for, and what `--p99` means."""

from recommender.plan import Plan
from recommender.report import quantities as q
from recommender.report.asked import target_name
from recommender.report.blocks import Items, Section


def request(plan: Plan) -> Section:
    """One line each for the model, the latency targets and the rate."""
    asked = str(plan.spec.get("model", ""))
    alias = f"{asked!r} was taken as {plan.model}" if asked != plan.model else plan.model
    lines = [f"model: {alias}"]
    if plan.targets:
        lines.append(_latency(plan))
    if "qps" in plan.spec:
        lines.append(f"rate: --qps {plan.spec['qps']} in the peak window")
    return Section("request", "Request, as it was read", (Items(tuple(lines)),))


def _latency(plan: Plan) -> str:
    first, *others = (f"{target_name(t)} <= {q.duration(t.limit_s)}" for t in plan.targets)
    asked = plan.spec.get("p99")
    if asked is None:
        return f"latency: {', '.join((first, *others))}, at the server"
    reading = (
        f"latency: --p99 {asked} was read as {first} at the server (frontend + queue + prefill)"
    )
    minimize = str(plan.spec.get("minimize", ""))
    if plan.deployments and "latency" in minimize:
        reading += f", the level that --minimize {minimize} came to"
    return f"{reading}, with {', '.join(others)}" if others else reading
