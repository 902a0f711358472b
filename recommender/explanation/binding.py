"""Why the plan won: what binds, one sentence each."""

from recommender.assembly.latency_at import latency_at
from recommender.decision.decision import Decision, Purchase
from recommender.decision.study import Study
from recommender.explanation.left_out import offers_left_out
from recommender.formulation.classes import ClassName, class_of
from recommender.formulation.worst_rack import lost_racks
from recommender.queueing.missed import use_of_targets
from recommender.slo import Target

NEAR = 0.02
"""A limit that is used up to 2 % binds: node counts are whole numbers."""


def binding(study: Study, decision: Decision) -> tuple[str, ...]:
    """Sentences about the rows and limits that hold the cost up."""
    question, request = study.question, study.request
    purchase = decision.purchase
    groups = sorted(
        (group.requests_per_s for group, count in purchase for _ in range(count)), reverse=True
    )
    capacity = sum(groups)
    degraded = sum(groups[question.failures :])
    needed = request.demand_with_headroom
    sentences = []
    if capacity <= needed * (1 + NEAR):
        sentences.append(
            f"demand with headroom: {capacity:,.0f} requests/s within the SLO for {needed:,.0f}"
        )
    if question.failures and degraded <= question.demand_per_s * (1 + NEAR):
        sentences.append(
            f"redundancy: {degraded:,.0f} requests/s are left with the worst "
            f"{question.failures} node(s) gone, for {question.demand_per_s:,.0f}"
        )
    sentences.extend(_classes(study, decision))
    sentences.extend(_rack(study, decision))
    sentences.extend(_mean_quality(study, decision))
    if not sentences:
        sentences.append("whole nodes: one node fewer would break demand or redundancy")
    sentences.extend(_limits(study, decision))
    sentences.extend(offers_left_out(study))
    sentences.append(_latency(study, decision))
    return tuple(sentences)


def _classes(study: Study, decision: Decision) -> list[str]:
    """Losses of whole zones, regions, sellers or types, and shares, that leave no room."""
    question, purchase = study.question, decision.purchase
    capacity = sum(g.requests_per_s * n for g, n in purchase)
    sentences = []
    for name in question.survive:
        value, rate = max(_rates(purchase, name).items(), key=lambda pair: pair[1])
        if capacity - rate <= question.demand_per_s * (1 + NEAR):
            sentences.append(
                f"loss of a {name}: {capacity - rate:,.0f} requests/s are left without {value}, "
                f"for {question.demand_per_s:,.0f}"
            )
    most = question.max_provider_share
    sellers = _rates(purchase, "provider")
    if most is not None and max(sellers.values()) >= most * capacity * (1 - NEAR):
        seller = max(sellers, key=lambda name: sellers[name])
        sentences.append(f"share: {sellers[seller] / capacity:.0%} of {most:.0%} from {seller}")
    if question.min_providers is not None and len(sellers) == question.min_providers > 1:
        sentences.append(f"spread: {len(sellers)} providers, as few as are allowed")
    if question.min_zones is not None and question.min_zones > 1:
        zones = len(_rates(purchase, "zone"))
        if zones == question.min_zones:
            sentences.append(f"spread: {zones} zones, as few as are allowed")
    return sentences


def _mean_quality(study: Study, decision: Decision) -> list[str]:
    """A mean over mixed models that leaves no room for more of the weaker one."""
    least = study.question.least_mean_quality
    rate = sum(g.requests_per_s * n for g, n in decision.purchase)
    mean = sum(g.quality * g.requests_per_s * n for g, n in decision.purchase) / rate
    if least is None or mean > least * (1 + NEAR):
        return []
    return [f"mean quality: {mean:.4g} of at least {least:.4g} of 100"]


def _rack(study: Study, decision: Decision) -> list[str]:
    """The loss of a rack that leaves no room for one more."""
    question, purchase = study.question, decision.purchase
    if not question.survive_rack:
        return []
    lost = {
        offer: sum(g.requests_per_s for g in groups)
        for offer, groups in lost_racks(purchase).items()
    }
    offer = max(lost, key=lambda name: lost[name])
    left = sum(g.requests_per_s * n for g, n in purchase) - lost[offer]
    if left > question.demand_per_s * (1 + NEAR):
        return []
    return [
        f"loss of a rack: {left:,.0f} requests/s are left without the fullest of {offer}, "
        f"for {question.demand_per_s:,.0f}"
    ]


def _rates(purchase: Purchase, name: ClassName) -> dict[str, float]:
    """Value of a class -> rate of the groups in it [requests/s]."""
    rates: dict[str, float] = {}
    for group, count in purchase:
        value = class_of(group, name)
        rates[value] = rates.get(value, 0.0) + group.requests_per_s * count
    return rates


def _limits(study: Study, decision: Decision) -> list[str]:
    question, purchase = study.question, decision.purchase
    used = (
        ("budget", decision.cost_usd_per_h, question.budget_usd_per_h, "$/h"),
        ("power", decision.most(lambda g: g.nameplate_w), question.power_w, "W"),
        (
            "accelerators",
            decision.most(lambda g: g.accelerators),
            question.max_accelerators,
            "accelerators",
        ),
        ("nodes", decision.most(lambda g: g.nodes), question.max_nodes, "nodes"),
        (
            "carbon (bound)",
            decision.mean(lambda g: g.carbon_g_per_h or 0.0),
            question.carbon_g_per_h,
            "g CO2e/h",
        ),
        (
            "capacity under --min-utilisation",
            sum(g.requests_per_s * n for g, n in purchase),
            None
            if question.min_utilisation is None
            else question.demand_per_s / question.min_utilisation,
            "requests/s",
        ),
    )
    spec = study.request.spec
    stated = {"budget": spec.budget, "power": spec.power, "nodes": spec.max_nodes}
    stated |= {"accelerators": spec.max_accelerators, "carbon (bound)": spec.carbon}
    return [
        f"{name}: {_of(value, limit, unit)} used"
        if name not in stated or stated[name] == limit
        else f"--minimize {spec.minimize}: {_of(value, limit, unit)} allowed"
        for name, value, limit, unit in used
        if limit is not None and value >= limit * (1 - NEAR)
    ]


def _of(value: float, limit: float, unit: str) -> str:
    """`3 of 4 nodes`, `$8.85/h of $9/h`."""
    if unit == "$/h":
        return f"${_figure(value)}/h of ${_figure(limit)}/h"
    return f"{_figure(value)} of {_figure(limit)} {unit}"


def _figure(value: float) -> str:
    """Whole when large, else four digits: 13.45 of 13.72, not 13 of 14."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _latency(study: Study, decision: Decision) -> str:
    """Which target sets the rate of the main replica kind: the one nearest to what is allowed."""
    main = max(decision.purchase, key=lambda pair: pair[0].usd_per_h * pair[1])[0]
    position = max((int(key) for key in main.replicas), key=lambda p: study.rates.rate[p])
    rate = float(study.rates.rate[position])
    request = study.request
    used = _used(study, position, rate)
    tightest = max(used, key=lambda target: used[target])
    name = tightest.name
    if request.slo.goodput is not None and tightest in request.slo.together:
        name = f"goodput, by {tightest.metric.upper()} most,"
    return f"latency: {name} limits a replica to {rate:.3g} requests/s"


def _used(study: Study, position: int, rate: float) -> dict[Target, float]:
    """How much of each target a replica kind uses at a rate; the largest is the one that limits.

    Where rates are simulated so is this: closed forms may be far off, as those of bursts are.
    Goodput, and what the time limit does not leave room for, are told by closed forms.
    """
    law, workload = study.table.law.take(position), study.request.workload
    slo = study.request.slo
    simulated = study.simulates and bool(study.rates.settled[position])
    if not simulated or slo.goodput is not None or study.deadline.is_over:
        return use_of_targets(law, workload, slo, rate)
    times_s = latency_at(law, workload, slo, rate, simulate=True).targets_s
    return {t: time_s / t.limit_s for t, time_s in zip(slo.targets, times_s, strict=True)}
