"""What would make an infeasible request feasible: one change at a time, each with a witness.

Every repair is a change of one value of the request and a plan that meets all the rest. Each is
decided as the command with that change would be (see `trials`), so that what is offered holds and
costs what is said; what is not decided within the time limit is not offered.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil
from typing import Any, NamedTuple

from recommender.decision.decision import Decision
from recommender.decision.question import Question
from recommender.decision.study import Study
from recommender.explanation.counted import counted_usd_per_h, counted_w
from recommender.explanation.in_time import is_unproven
from recommender.explanation.latency_repairs import relaxed_targets
from recommender.explanation.least_enough import least_enough
from recommender.explanation.losses import fewer_losses
from recommender.explanation.purchase_text import purchase_text
from recommender.explanation.quality_repairs import less_quality
from recommender.explanation.trials import Trials
from recommender.plan import Repair
from recommender.program.canonical import carbon_units
from recommender.request.goals import Objective
from recommender.wording import hourly

ZONES = 3
"""Zones per region that large clouds sell in; the user must know whether these offers are."""
MOST_NODES = 10_000
"""Plans beyond are no repair that anyone could buy."""
DOLLARS_FROM = 1000
"""A budget of so much is told to the dollar [$/h]."""


class Limit(NamedTuple):
    """A limit that a repair raises to the least that is enough.

    Attributes
    ----------
    field
        Of the question.
    used
        What a plan uses of it, as its row counts it.
    objective
        Minimised to find the least; None where the program cannot minimise it.
    """

    flag: str
    field: str
    used: Callable[[Decision], float]
    unit: str
    objective: Objective | None


LIMITS = (
    Limit("--budget", "budget_usd_per_h", counted_usd_per_h, "$/h", "cost"),
    Limit("--power", "power_w", counted_w, "W", "power"),
    Limit(
        "--max-accelerators",
        "max_accelerators",
        lambda d: d.most(lambda g: g.accelerators),
        "accelerators",
        "accelerators",
    ),
    Limit("--max-nodes", "max_nodes", lambda d: d.most(lambda g: g.nodes), "nodes", "nodes"),
    Limit(
        "--max-types", "max_types", lambda d: len({g.accelerator for g in d.kinds}), "types", None
    ),
    Limit(
        "--carbon",
        "carbon_g_per_h",
        lambda d: d.mean(lambda g: carbon_units(grams=g.carbon_g_per_h or 0.0)),  # as its row
        "g CO2e/h",
        "carbon",
    ),
    Limit(
        "--within", "within_days", lambda d: max(g.lead_time_days for g in d.kinds), "days", None
    ),
)


REQUIREMENTS: tuple[tuple[str, str], ...] = (
    ("--min-zones", "min_zones"),
    ("--min-providers", "min_providers"),
    ("--max-provider-share", "max_provider_share"),
    ("--min-utilisation", "min_utilisation"),
    ("--max-mean-quality-loss", "mean_quality_loss_pct"),
    ("--racks", "racks"),
    ("--min-host-ram-factor", "min_host_ram_factor"),
    ("--cooling", "cooling"),
    ("--max-load-time", "max_load_time_s"),
    ("--max-network-share", "max_network_share"),
)
"""Flag and field of the question that a repair can only leave out."""


def repairs(study: Study, trials: Trials | None = None) -> tuple[Repair, ...]:
    """All single changes that are enough, limits first, then margins, then latency."""
    if len(study.table) == 0:
        return ()
    return tuple(_repairs(study, trials or Trials(study)))


def _repairs(study: Study, trials: Trials) -> Iterator[Repair]:
    asked = study.question
    for limit in LIMITS:
        if getattr(asked, limit.field) is not None:
            found = _least(asked, trials, limit)
            if found and _sensible(found.decision) and _holds(asked, trials, limit, found.decision):
                value = least_enough(
                    rounded_up(limit.used(found.decision), limit.unit),
                    is_least=found.is_least,
                    simulated=trials.simulates,
                )
                yield Repair(limit.flag, value, witness(study, found.decision))
    yield from _left_out(study, trials)
    if "zone" in asked.survive and asked.zones is None:
        decision = trials.decide(replace(asked, zones=ZONES))
        yield from _if_any("--zones", f"{ZONES}, where offers are sold in so many", study, decision)
    if asked.failures:
        decision = trials.decide(replace(asked, failures=0))
        yield from _if_any("--redundancy", "none", study, decision)
    if asked.headroom > 0:
        decision = trials.decide(replace(asked, headroom=0.0))
        yield from _if_any("--headroom", "0%", study, decision)
    decision = trials.decide(law=study.table.central_law)
    yield from _if_any("--confidence", "50%", study, decision)
    for flag, value, decision in relaxed_targets(trials, _sensible):
        yield Repair(flag, value, witness(study, decision))


def _left_out(study: Study, trials: Trials) -> Iterator[Repair]:
    """A requirement that is not made."""
    for loss, plan in fewer_losses(study, lambda less: _sensible_of(trials.decide(less))):
        yield Repair(loss.flag, loss.value, witness(study, plan))
    for less, plan in less_quality(study, lambda asked: _sensible_of(trials.decide(asked))):
        yield Repair(less.flag, less.value, witness(study, plan))
    for flag, field in REQUIREMENTS:
        if getattr(study.question, field) and (decision := trials.without(field)) is not None:
            yield from _if_any(flag, f"without {flag}", trials.study_without(field), decision)


class Least(NamedTuple):
    """A plan that uses least of what is limited; `is_least` where less is known to have no plan."""

    decision: Decision
    is_least: bool


def _least(asked: Question, trials: Trials, limit: Limit) -> Least | None:
    """The plan that uses least of what is limited, under all other limits."""
    question = asked.without(limit.field)
    if limit.objective is not None:
        question = replace(question, objective=limit.objective, then=(), tolerances=())
    decision = trials.decide(question)
    if decision is None or not decision.purchase:
        return None
    if limit.field == "within_days":
        waits = {facts.lead_time_days or 0.0 for facts in asked.facts.values()}
        tried: list[float] = sorted(wait for wait in waits if wait > (asked.within_days or 0.0))
    elif limit.field == "max_types":
        tried = list(range(int(asked.max_types or 0) + 1, int(limit.used(decision))))
    else:
        return Least(decision, not is_unproven(decision))
    every = True
    for value in tried:
        changes: dict[str, Any] = {limit.field: value}
        less = trials.decide(replace(asked, **changes))
        if less is not None and less.purchase:
            return Least(less, every)
        every = every and less is not None
    return Least(decision, every)


def _holds(asked: Question, trials: Trials, limit: Limit, decision: Decision) -> bool:
    """Whether the value that is shown has a plan, where its row compares rates: then the least of
    one book of rates need not be that of the command's own.
    """
    changes: dict[str, Any] = {limit.field: _shown(limit, decision)}
    limited = replace(asked, **changes)
    if not limited.compares_rates:
        return True
    again = trials.decide(limited, slo=trials.study.request.slo)
    return again is not None and bool(again.purchase)


def _shown(limit: Limit, decision: Decision) -> float:
    """The value of a limit as a report shows it; a count is a whole number."""
    figure = rounded_up(limit.used(decision), limit.unit).split()[0]
    figure = figure.removeprefix("$").removesuffix("/h").replace(",", "")
    return float(figure) if "." in figure else int(figure)


def rounded_up(value: float, unit: str) -> str:
    """`131 nodes`, `$158.80/h`, `$376,992/h`: never less than what is needed."""
    if unit == "$/h":
        if (cents := ceil(value * 100 - 1e-6)) < DOLLARS_FROM * 100:
            return f"${cents / 100:,.2f}/h"
        return f"${ceil(value - 1e-6):,}/h"
    return f"{ceil(value - 1e-6):,} {unit}"


def _sensible_of(decision: Decision | None) -> Decision | None:
    return decision if decision is not None and _sensible(decision) else None


def _sensible(decision: Decision) -> bool:
    """Whether there is a plan that could be built at all."""
    nodes = sum(group.nodes * count for group, count in decision.purchase)
    return 0 < nodes <= MOST_NODES


def _if_any(change: str, value: str, study: Study, decision: Decision | None) -> Iterator[Repair]:
    if decision is not None and _sensible(decision):
        yield Repair(change, value, witness(study, decision))


def witness(study: Study, decision: Decision) -> str:
    """The plan that shows that a repair is enough."""
    when = "" if decision.day is None else " on average over the day"
    return f"{purchase_text(study, decision.purchase)} at {hourly(decision.cost_usd_per_h)}{when}"
