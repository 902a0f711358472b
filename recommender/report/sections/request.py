"""How the request was read: which model the name was taken for, and what `--p99` means."""

from dataclasses import replace

from recommender.plan import Plan
from recommender.report import quantities as q
from recommender.report.blocks import Items, Section
from recommender.slo import EVERY_REQUEST, Target


def request(plan: Plan) -> Section:
    """One line each for the model, the latency targets and the rate."""
    asked = str(plan.spec.get("model", ""))
    lines = [f"model: {_model(asked, plan)}"]
    if plan.targets:
        lines.append(_latency(plan))
    if "qps" in plan.spec:
        lines.append(f"rate: --qps {plan.spec['qps']} in the peak window")
    unused = (one.value for one in plan.assumptions if one.name == "--workload")
    lines += [f"lengths: --workload {text}" for text in unused]
    if "profile" in plan.spec:
        spaced = str(plan.spec["profile"]).replace(",", ", ")
        lines.append(f"over the day: --profile {spaced}")
    return Section("request", "Request, as it was read", (Items(tuple(lines)),))


def _model(asked: str, plan: Plan) -> str:
    """Which model a name was taken for, or which of several serve."""
    if "," in asked and " or " in plan.model:
        return f"one of {asked.replace(',', ', ')}: {plan.model}"
    if "," in asked:
        verb = "serve" if " + " in plan.model else "serves"
        return f"of {asked.replace(',', ', ')}: {plan.model} {verb}"
    meant = plan.model if asked == plan.model else f"{asked!r} was taken as {plan.model}"
    said = (one.value for one in plan.assumptions if one.name == "model")
    of_a_size = (value for value in said if value.startswith(f"{asked}: "))
    return next(of_a_size, meant)  # `52b: no model of the catalogue, ...`


def _latency(plan: Plan) -> str:
    first, *others = (_limit(t, plan) for t in plan.targets)
    asked = plan.spec.get("p99")
    if asked is None:
        return f"latency: {', '.join((first, *others))}, at the server{_goodput(plan)}"
    reading = (
        f"latency: --p99 {asked} was read as {first} at the server (frontend + queue + prefill)"
    )
    minimize = str(plan.spec.get("minimize", ""))
    if plan.deployments and "latency" in minimize:
        reading += f", the level of a grid that --minimize {minimize} came to"
    together = f", with {', '.join(others)}" if others else ""
    return f"{reading}{together}{_goodput(plan)}"


def _limit(target: Target, plan: Plan) -> str:
    """`TTFT p95 <= 150 ms for input <= 1024`; without a percentile where goodput replaces it."""
    bucket = "" if target.bucket == EVERY_REQUEST else f" for {target.bucket}"
    name = replace(target, bucket=EVERY_REQUEST).name
    if plan.goodput is not None and target.metric != "itl":
        name = target.metric.upper()
    return f"{name} <= {q.duration(target.limit_s)}{bucket}"


def _goodput(plan: Plan) -> str:
    if plan.goodput is None:
        return ""
    return (
        f"; goodput: at least {100 * plan.goodput:g} % of the requests meet every limit on TTFT, "
        "TPOT and E2E that applies to them, in place of percentiles"
    )
