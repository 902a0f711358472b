"""Pools as a repair: what they buy, and when nothing is offered."""

from dataclasses import replace

from recommender.decision.rates import Trust
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.repair import pools_repair
from recommender.disaggregation.search import Search


def test_the_witness_is_the_best_on_safe_rates(study) -> None:
    asked = study()
    assert asked.rates.trust is Trust.SAFE  # --fast
    (found,) = pools_repair(asked)
    best = Search(asked, two_pools(asked)).best().best
    assert (found.change, found.value) == ("--disaggregate", "auto")
    assert found.witness.startswith(f"${best[1].objectives[0] / 10_000:,.2f}/h")
    assert "for prefill and" in found.witness


def test_nothing_is_offered_that_was_asked_for_or_is_not_stated(study) -> None:
    assert not list(pools_repair(study(disaggregate="auto")))
    assert not list(pools_repair(study(goodput="99%")))


def test_nothing_is_offered_that_is_not_enough(study) -> None:
    asked = study()
    tight = replace(asked, question=replace(asked.question, budget_usd_per_h=1.0))
    assert not list(pools_repair(tight))
