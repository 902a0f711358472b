"""The margin ledger: each margin of the plan, and what the plan would cost without it.

Headroom and redundancy are priced by solving again without them on the same rates (closed
forms for replica kinds that were never simulated), one by one, and together where that is more
than both. Margins that change the rates (model error, frontend, the safe factor of `--fast`) are
priced as a ratio of two optima on central closed forms, since simulating every alternative would
take minutes.

Limits of the whole plan follow, each left out alone (`limit_prices`).
A line says where its alternative rests on closed forms.

A margin whose alternative was not decided in time has no price and says so; one whose alternative
is not proven best costs at least what is shown.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from recommender.decision.decision import Decision
from recommender.decision.rates import Trust
from recommender.decision.study import Study
from recommender.explanation.closed_rates import BY_CLOSED_FORM, uses_closed_forms
from recommender.explanation.in_time import AT_LEAST, NOT_PROVEN, in_time, is_unproven, why_open
from recommender.explanation.limit_prices import limit_prices
from recommender.performance.step_law import StepLaw
from recommender.plan import LedgerLine
from recommender.relative import percent_of

WORTH_A_LINE = 0.01
"""Share of the cost."""
COSTS_NOTHING = "by closed forms the plan costs nothing with this margin"


def ledger(study: Study, decision: Decision) -> tuple[LedgerLine, ...]:
    """One line per margin."""
    cost = decision.cost_usd_per_h
    spec = study.request.spec
    base = _compared(study)
    lines = [_model_error(study, cost, base), _queueing_form(study, cost, base)]
    if spec.headroom > 0:
        without = in_time(study, headroom=0.0)
        line = _line(study, "burst headroom", f"{spec.headroom:.0%}", cost, without)
        lines.append(replace(line, assumption="headroom"))
    if spec.failures:
        without = in_time(study, failures=0)
        line = _line(study, "redundancy", spec.redundancy.upper(), cost, without)
        lines.append(replace(line, assumption="redundancy"))
    if spec.headroom > 0 and spec.failures:
        lines += _together(study, cost, lines[-2:])
    survived = [*study.question.survive, *(["rack"] if study.question.survive_rack else [])]
    if survived:
        without = in_time(study, survive=(), survive_rack=False)
        value = f"any one {' or '.join(survived)}"
        lines.append(_line(study, "survival", value, cost, without))
    lines.append(_frontend(study, cost, base))
    return (*lines, *limit_prices(study, partial(_line, study), cost))


def _together(study: Study, cost: float, apart: Sequence[LedgerLine]) -> list[LedgerLine]:
    """Headroom and spare nodes, where they cost more than apart: either does the other's work, so
    that giving up one of them saves little or nothing.
    """
    without = in_time(study, headroom=0.0, failures=0)
    value = " and ".join(line.value for line in apart)
    line = _line(study, "the two together", value, cost, without)
    if why_open(without):
        return [line]
    prices = [entry.price_usd_per_h for entry in (line, *apart)]
    if any(price is None for price in prices):
        return []
    joint, *single = (price or 0.0 for price in prices)
    return [line] if joint - sum(single) > WORTH_A_LINE * cost else []


def _compared(
    study: Study, *, confidence_law: bool = True, frontend: bool = True
) -> Decision | None:
    """The optimum on central closed forms, with or without a margin; None where time is up."""
    if study.deadline.is_over:
        return None
    return study.comparison(confidence_law=confidence_law, frontend=frontend).decide()


def _line(
    study: Study, margin: str, value: str, cost: float, without: Decision | None
) -> LedgerLine:
    if without is None or not without.purchase:
        note = why_open(without) or "no plan without it was found"
        return LedgerLine(margin, value, None, None, None, note)
    other = without.cost_usd_per_h
    notes = [BY_CLOSED_FORM] if uses_closed_forms(study, without) else []
    notes += [AT_LEAST] if is_unproven(without) else []
    note = ", ".join(notes)
    return LedgerLine(margin, value, other, cost - other, percent_of(cost - other, cost), note)


def _ratio_line(
    margin: str, value: str, cost: float, *, base: Decision | None, without: Decision | None
) -> LedgerLine:
    late = why_open(base) or why_open(without)
    if base is None or without is None or late:
        return LedgerLine(margin, value, None, None, None, late)
    if not (base.purchase and without.purchase):
        note = "infeasible with this margin by closed forms" if without.purchase else ""
        return LedgerLine(margin, value, None, None, None, note)
    if not base.cost_usd_per_h:
        return LedgerLine(margin, value, None, None, None, COSTS_NOTHING)
    ratio = without.cost_usd_per_h / base.cost_usd_per_h
    unproven = is_unproven(base) or is_unproven(without)
    note = f"{BY_CLOSED_FORM}, {NOT_PROVEN}" if unproven else BY_CLOSED_FORM
    return LedgerLine(margin, value, cost * ratio, cost * (1 - ratio), 100 * (1 - ratio), note)


def _model_error(study: Study, cost: float, base: Decision | None) -> LedgerLine:
    confidence = study.request.spec.confidence
    line = _ratio_line(
        "model error of step times",
        f"{confidence:.0%} confidence",
        cost,
        base=base,
        without=_compared(study, confidence_law=False),
    )
    return replace(line, assumption="confidence")


def _queueing_form(study: Study, cost: float, base: Decision | None) -> LedgerLine:
    if study.rates.trust is Trust.SIMULATED:
        return LedgerLine(
            "queueing form",
            "none: rates are simulated",
            cost,
            0.0,
            0.0,
            "upper 95 % limit of each simulated p99 meets the SLO",
        )
    return _ratio_line(
        "queueing form",
        "95 % lower factor (--fast)",
        cost,
        base=in_time(study),
        without=base,
    )


def _frontend(study: Study, cost: float, base: Decision | None) -> LedgerLine:
    return _ratio_line(
        "frontend in TTFT",
        frontend_words(study.table.law),
        cost,
        base=base,
        without=_compared(study, frontend=False),
    )


def frontend_words(law: StepLaw) -> str:
    """What frontends take, from the fastest kind to the slowest."""
    milliseconds = np.atleast_1d(np.asarray(law.frontend_s)) * 1e3
    least, most = f"{milliseconds.min():.0f}", f"{milliseconds.max():.0f}"
    return f"{least} ms" if least == most else f"{least} to {most} ms"
