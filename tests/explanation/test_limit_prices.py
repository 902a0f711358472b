"""Each limit of the whole plan has its price: what the plan costs more than without it."""

import pytest

from recommender import Spec, recommend
from recommender.explanation.closed_rates import BY_CLOSED_FORM
from recommender.report.terminal import to_text

ASKED = {"model": "70b", "qps": "60", "p99": "1s"}


def planned(**changes):
    return recommend(Spec(**ASKED | {"fast": True} | changes), front=False)


def test_a_limit_costs_what_the_plan_without_it_saves():
    free = planned()
    watts = free.totals.power_nameplate_w
    capped = planned(power=f"{0.98 * watts:.0f}W", max_nodes=50)
    lines = {line.margin: line for line in capped.ledger}
    saved = capped.totals.cost_usd_per_h - free.totals.cost_usd_per_h
    assert saved > 0
    assert lines["--power"].price_usd_per_h == pytest.approx(saved)
    assert lines["--power"].cost_without_usd_per_h == pytest.approx(free.totals.cost_usd_per_h)
    assert lines["--max-nodes"].price_usd_per_h == pytest.approx(0.0)  # 50 nodes never bind


def test_limits_without_a_price_have_no_line():
    """A budget makes no plan dearer; where power is minimised first, its limit is no money."""
    assert not [line for line in planned(budget="$500/h").ledger if line.margin.startswith("--")]
    thrifty = planned(minimize="power", max_nodes=50)
    assert not [line for line in thrifty.ledger if line.margin.startswith("--")]


def test_what_rests_on_closed_forms_says_so():
    """Rates of the plan are simulated; kinds that only an alternative uses are not."""
    plan = recommend(Spec(**ASKED, provider="nebius"), front=False)
    redundancy = next(line for line in plan.ledger if line.margin == "redundancy")
    assert redundancy.note in ("", BY_CLOSED_FORM)
    assert "p99s here are closed forms" in " ".join(to_text(plan).split())
    quick = planned(provider="nebius")
    assert "p99s here are closed forms" not in " ".join(to_text(quick).split())
    assert not [x for x in quick.ledger if x.margin == "redundancy" and x.note]  # all are alike


def test_prices_of_limits_rest_on_simulated_rates_where_those_of_the_plan_do():
    """45 kW are more than the 42.9 kW of the best plan: by closed forms they cost 3 %."""
    free = recommend(Spec(**ASKED), front=False)
    watts = free.totals.power_nameplate_w
    capped = recommend(Spec(**ASKED, power=f"{1.05 * watts:.0f}W"), front=False)
    (line,) = (line for line in capped.ledger if line.margin == "--power")
    assert (line.price_usd_per_h, line.note) == (pytest.approx(0.0), "")


def test_what_was_frozen_can_be_simulated_in_again():
    from recommender.decision.study_of import study_of

    book = study_of(Spec(**ASKED, gpu="H100")).rates
    bounds = book.rate.copy()
    book.rate[0], book.settled[0] = 0.5, True
    frozen = book.frozen()
    thawed = frozen.thawed()
    assert thawed.rate[0] == 0.5 and thawed.settled.tolist() == book.settled.tolist()
    assert thawed.rate[1:] == pytest.approx(bounds[1:])  # bounds, not closed forms
    thawed.rate[1] = -1.0
    assert frozen.rate[1] != -1.0


def test_the_copy_for_comparisons_knows_what_was_never_simulated():
    from recommender.decision.study_of import study_of

    book = study_of(Spec(**ASKED, gpu="H100")).rates
    assert not book.closed.any()
    book.settled[0] = True
    frozen = book.frozen()
    assert not frozen.closed[0] and frozen.closed[1:].all()
