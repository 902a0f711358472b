"""The answer in one sentence: what to get, what it costs and promises, and how sure that is."""

from recommender.horizon import span_words
from recommender.plan import NodePurchase, Plan, Totals
from recommender.report import quantities as q
from recommender.report.asked import nodes_in_order, primary_name, survives
from recommender.report.blocks import Paragraph, Section, Tone
from recommender.report.sections.latency_rows import spread

_TONES: dict[str, Tone] = {"optimal": "good", "feasible": "warning"}


def headline(plan: Plan) -> Section:
    """One strong sentence, and how many warnings there are."""
    sentence = _purchase(plan) if plan.totals is not None else _nothing(plan)
    blocks = [Paragraph(sentence, strong=True)]
    broken = sum(not finding.holds for finding in plan.audit)
    if broken:
        text = f"Do not act on it: {q.counted(broken, 'promise')} broken in the audit, a bug."
        blocks.append(Paragraph(text, strong=True))
    if plan.warnings:
        blocks.append(Paragraph(f"{q.counted(len(plan.warnings), 'warning')}, at the end."))
    tone = "bad" if broken else _TONES.get(plan.status, "bad")
    return Section("answer", "Answer", tuple(blocks), tone)


def node_name(plan: Plan, node: NodePurchase) -> str:
    """`8xB200 180GB SXM at nebius, spot`, or the offer's name where that is not known."""
    hosted = next((d for d in plan.deployments if d.offer == node.offer), None)
    if hosted is None or not node.node_accelerators:
        return node.offer
    terms = "" if node.terms in ("", "on_demand") else f", {node.terms.replace('_', ' ')}"
    return f"{node.node_accelerators}x{hosted.accelerator} at {hosted.provider}{terms}"


def certainty(plan: Plan) -> str:
    """How the status was reached, in words."""
    match plan.status:
        case "optimal" if plan.proof == "one solver":
            return f"optimal according to one solver, {plan.solver}"
        case "optimal" if not plan.proof:
            return f"optimal according to {plan.solver}, without a proof"
        case "optimal":
            return f"proven optimal by {plan.proof}"
        case "feasible" if plan.gap is not None:
            return f"not proven best: {_better_by(plan, q.share(plan.gap))} may exist"
        case "feasible":
            return "not proven best"
        case _:
            return plan.status


def _better_by(plan: Plan, share: str) -> str:
    """By how much of what is minimised first a plan that is not known may be better."""
    first = str(plan.spec.get("minimize", "cost")).split(",")[0].strip()
    if first == "cost":
        return f"a plan at most {share} cheaper"
    if first == "quality":
        return f"a plan at most {share} better in quality"
    less = "fewer" if first in ("accelerators", "nodes") else "less"
    return f"a plan with at most {share} {less} {first}"


def _purchase(plan: Plan) -> str:
    totals = plan.totals
    assert totals is not None
    named: dict[str, int] = {}  # one sum of nodes that differ in region alone; the plan has those
    for n in nodes_in_order(plan):
        name = node_name(plan, n)
        named[name] = named.get(name, 0) + n.nodes
    nodes = " + ".join(f"{q.count(count)} x {name}" for name, count in named.items())
    month = f"{q.dollars(totals.cost_usd_per_month)}/month"
    if totals.horizon_h is not None and totals.cost_over_horizon_usd is not None:
        month += f", {q.dollars(totals.cost_over_horizon_usd)} over {span_words(totals.horizon_h)}"
    if "," in str(plan.spec.get("model", "")):
        nodes = f"{plan.model} on {nodes}"
    promises = [
        f"{nodes} = {q.counted(totals.accelerators, 'accelerator')}{_pools(plan)}",
        f"{_cost(totals)} ({month})",
        f"{primary_name(plan)} {q.duration(totals.p99_s)}{_spread(plan)}{_limit(plan)}",
        *_goodput(plan),
        *survives(plan),
    ]
    return f"{', '.join(promises)}; {certainty(plan)}."


def _pools(plan: Plan) -> str:
    """Which of the accelerators compute prompts, and which produce tokens."""
    if plan.pools is None:
        return ""
    of = {d.pool: 0 for d in plan.deployments}
    for d in plan.deployments:
        of[d.pool] += d.accelerators
    return f" ({', '.join(f'{q.count(n)} for {pool}' for pool, n in of.items())})"


def _cost(totals: Totals) -> str:
    """Per hour; over a day its mean and its peak."""
    peak = q.dollars_per_hour(totals.cost_usd_per_h)
    if totals.mean_cost_usd_per_h is None:
        return peak
    return f"at the peak {peak}, on average {q.dollars_per_hour(totals.mean_cost_usd_per_h)}"


def _spread(plan: Plan) -> str:
    """` ± 5 %` of the deployment whose percentile is the plan's, where that is telling."""
    if plan.totals is None or plan.pools is not None:
        return ""
    slowest = (d for d in plan.deployments if d.targets_s[:1] == (plan.totals.p99_s,))
    return next((spread(plan, d, primary_name(plan)) for d in slowest), "")


def _limit(plan: Plan) -> str:
    """` of 200 ms`; nothing where goodput takes the place of the percentile."""
    if not plan.targets or (plan.goodput is not None and plan.targets[0].metric != "itl"):
        return ""
    return f" of {q.duration(plan.targets[0].limit_s)}"


def _goodput(plan: Plan) -> list[str]:
    """`goodput 99.3% of 99%`, of the worst deployment."""
    shares = [d.goodput for d in plan.deployments if d.goodput is not None]
    if plan.goodput is None or not shares:
        return []
    return [f"goodput {min(shares):.2%} of {100 * plan.goodput:g}%"]


def _nothing(plan: Plan) -> str:
    match plan.status:
        case "infeasible":
            shown = f" (shown by {plan.proof})" if plan.proof else ""
            return f"No plan meets this request{shown}."
        case "not_reached":
            return (
                "No plan was found in time, and none was ruled out; allow more with --time-limit."
            )
        case _:
            why = plan.warnings[0] if plan.warnings else f"ended with status {plan.status!r}"
            return f"No plan, and none was ruled out: the solver failed. {why}."
