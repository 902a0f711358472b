"""Totals of the plan: the only figures that add up."""

from recommender.horizon import span_words
from recommender.plan import Plan, Totals
from recommender.report import quantities as q
from recommender.report.asked import primary_name
from recommender.report.blocks import Comparison, Section


def totals(plan: Plan) -> Section | None:
    """Money, power and latency of the whole plan."""
    t = plan.totals
    if t is None:
        return None
    p99 = primary_name(plan)
    rows = [
        ("nodes", q.count(t.nodes)),
        ("accelerators", q.count(t.accelerators)),
        ("rate", q.rate(t.requests_per_s)),
        *_cost(t),
        *_tokens(t),
        ("power (IT, at planned load)", q.power(t.power_w)),
        ("power (nameplate)", q.power(t.power_nameplate_w)),
        *_energy(t),
        *_emissions(t),
        (f"worst {p99}", q.duration(t.p99_s)),
    ]
    if t.degraded_p99_s is not None:
        classes = plan.spec.get("survive") or plan.spec.get("redundancy") == "zone"
        when = "at the worst loss survived" if classes else "with the spare nodes down"
        rows.append((f"{p99} {when}", q.duration(t.degraded_p99_s)))
    rows.append(("quality loss", q.percent(t.quality_loss_pct)))
    if t.quality is not None:
        rows.append(("quality, mean over requests", f"{q.significant(t.quality)} of 100"))
    if t.cost_not_included:
        rows.append(("not in the cost", ", ".join(t.cost_not_included)))
    texts = tuple((label, (text,)) for label, text in rows)
    return Section("totals", "Totals", (Comparison(("total",), texts),))


def _cost(t: Totals) -> list[tuple[str, str]]:
    """Per hour, month and horizon; over a day at the peak and on average."""
    peak, month = q.dollars_per_hour(t.cost_usd_per_h), q.dollars(t.cost_usd_per_month)
    if t.mean_cost_usd_per_h is None:
        return [("cost", f"{peak}, {month}/month"), *_over_horizon(t)]
    mean = q.dollars_per_hour(t.mean_cost_usd_per_h)
    average = ("cost on average", f"{mean}, {month}/month")
    return [("cost at the peak", peak), average, *_over_horizon(t)]


def _over_horizon(t: Totals) -> list[tuple[str, str]]:
    """Where `--horizon` asks for it."""
    if t.horizon_h is None or t.cost_over_horizon_usd is None:
        return []
    return [(f"cost over {span_words(t.horizon_h)}", q.dollars(t.cost_over_horizon_usd))]


def _energy(t: Totals) -> list[tuple[str, str]]:
    """Per month, at the peak rate all the time unless a profile says more; per output token."""
    peak = t.mean_cost_usd_per_h is None
    load = "at planned load all the time" if peak else "over the profile"
    rows = [("energy (IT)", f"{q.energy(t.energy_kwh_per_month)}/month {load}")]
    if t.joules_per_output_token is not None:
        when = "at the peak rate" if peak else "on average"
        rows.append(("", f"{q.significant(t.joules_per_output_token)} J per output token {when}"))
    return rows


def _emissions(t: Totals) -> list[tuple[str, str]]:
    """Where every grid is known; the PUE that it rests on is `--pue`, or the world mean."""
    if t.carbon_kg_per_month is None:
        of = (
            "of a node's region"
            if t.mean_cost_usd_per_h is None
            else "of a region, or of idle nodes"
        )
        return [("emissions (PUE x grid)", f"not known: no figure {of}")]
    return [("emissions (PUE x grid)", f"{q.mass(t.carbon_kg_per_month)} CO2e/month")]


def _tokens(t: Totals) -> list[tuple[str, str]]:
    """The price of output, at the mean rate where that is known, and at peak."""
    label, at_peak = "per million output tokens", q.dollars(t.usd_per_million_output_tokens_at_peak)
    if t.usd_per_million_output_tokens is None:
        return [(label, f"{at_peak} at the peak rate (no mean rate known)")]
    return [
        (label, f"{q.dollars(t.usd_per_million_output_tokens)} at the mean rate"),
        ("", f"{at_peak} at the peak rate"),
    ]
