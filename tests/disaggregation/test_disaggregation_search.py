"""The search over splits: against every candidate, two programs against one, monotonicity."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from catalog.schema import Offer
from recommender.decision.study import Study
from recommender.disaggregation.pool_table import decode_rows, prefill_rows
from recommender.disaggregation.pools_of import two_pools, why_not
from recommender.disaggregation.search import NARROWER, Search, widths
from recommender.formulation.solve_pools import solve_together
from recommender.solvers.outcome import Status


def cost(study: Study, **changes) -> float:
    """Least cost of pools; infinite where there are none [1e-4 $/h]."""
    question = replace(study.question, **changes)
    found = Search(study, two_pools(study), question).best()
    return float("inf") if found.best is None else found.best[1].objectives[0]


def test_the_best_is_that_of_every_candidate(study) -> None:
    asked = study()
    search = Search(asked, two_pools(asked))
    every = [search.solve(candidate) for candidate in search.candidates()]
    least = min(s.objectives for s in every if s.outcome.status is Status.OPTIMAL)
    found = Search(asked, two_pools(asked)).best()
    assert found.best is not None
    assert found.best[1].objectives == least
    assert found.considered == len(every)
    assert found.solves < 2 * len(every)


def test_one_program_and_two_agree(study) -> None:
    asked = study()
    search = Search(asked, two_pools(asked))
    found = search.best()
    assert found.best is not None
    pools = search.question_of(found.best[0])
    assert not pools.is_joint
    # the search solved each pool by itself
    assert solve_together(pools).objectives == found.best[1].objectives


def test_a_budget_ties_the_pools_and_never_makes_them_cheaper(study) -> None:
    asked = study()
    free = cost(asked)
    assert cost(asked, budget_usd_per_h=2 * free / 10_000) == free
    assert cost(asked, budget_usd_per_h=0.99 * free / 10_000) == float("inf")


def test_a_ceiling_stops_the_search_with_a_bound(study) -> None:
    asked = study()
    free = cost(asked)
    found = Search(asked, two_pools(asked)).best(ceiling=(free / 2,))
    assert found.best is None
    assert found.decided
    assert found.bound is not None and free / 2 <= found.bound <= free


def test_redundancy_and_headroom_never_make_pools_cheaper(study) -> None:
    asked = study()
    free = cost(asked, failures=0, headroom=0.0)
    assert free <= cost(asked, failures=0) <= cost(asked) <= cost(asked, failures=2)


def with_network(study: Study, gb_per_s: float | None) -> Study:
    """The same market with another network on every node."""

    def changed(offer: Offer) -> Offer:
        return offer.model_copy(update={"network_gb_per_s": gb_per_s})

    market = study.enumeration.market
    market = replace(market, offers=tuple(map(changed, market.offers)))
    return replace(study, enumeration=replace(study.enumeration, market=market))


def test_more_network_is_never_dearer(study) -> None:
    costs = [cost(with_network(study(), gb)) for gb in (1.0, 12.5, 50.0, 400.0, 3200.0)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < float("inf")


def test_without_a_known_network_there_are_no_pools(study) -> None:
    blind = with_network(study(), None)
    pools = two_pools(blind)
    assert len(pools.prefill.kinds.table) == 0
    assert pools.prefill.kinds.without_network == tuple(
        offer.name for offer in blind.enumeration.market.offers
    )
    assert Search(blind, pools).best().best is None


def test_looser_targets_are_never_dearer(study) -> None:
    assert cost(study(ttft_p99="4s")) <= cost(study()) <= cost(study(ttft_p99="1s"))


def test_receivers_with_copies_are_candidates_of_their_own(study) -> None:
    # 8 KV heads: tp up to 8 pulls each byte once, so one width; MLA: the latent once per rank
    grouped = two_pools(study()).decode
    assert len(widths(grouped, grouped.formats[0])) == 1
    latent = two_pools(study(model="deepseek-v2-lite", qps="10")).decode
    found = widths(latent, latent.formats[0])
    assert len(found) > 1
    assert all(narrow * NARROWER <= wide for wide, narrow in pairwise(found))


def test_longer_answers_cost_the_decode_pool_alone(study) -> None:
    """Prompts stay: what the prefill pool needs for its part of the budget does not change."""
    short, long = (
        study(workload="fixed", isl="2000", osl="100"),
        study(workload="fixed", isl="2000", osl="800"),
    )
    assert cost(short) <= cost(long)
    parts = []
    for asked in (short, long):
        search = Search(asked, two_pools(asked))
        candidate = next(c for c in search.candidates() if search.solve(c).bought)
        bought = search.solve(candidate).bought
        parts.append({name: sum(g.usd_per_h * n for g, n in pairs) for name, pairs in
                      bought.items()})  # fmt: skip
    assert parts[0]["prefill"] == parts[1]["prefill"]
    assert parts[0]["decode"] <= parts[1]["decode"]


def test_pools_stand_at_one_site_with_one_format(study) -> None:
    asked = study()
    candidate, solution = Search(asked, two_pools(asked)).best().best
    offers = asked.request.catalog.offers
    for name, bought in solution.bought.items():
        side = candidate.sides[name]
        for group, _ in bought:
            offer = offers[group.offer]
            assert (offer.provider, offer.region) == candidate.site
            for key in group.replicas:
                layout = side.table.layouts[int(key)]
                assert (layout.precision, layout.kv_precision) == candidate.formats
                assert side.rates.rate[int(key)] <= side.most[int(key)]


def test_each_kind_is_kept_once_per_need(study) -> None:
    table = study().table
    prefill, decode = prefill_rows(table), decode_rows(table)
    assert {table.layouts[i].max_batch for i in prefill} == {256}
    assert {(table.layouts[i].max_batch, table.layouts[i].chunk_tokens) for i in decode} == {
        (256, 512),
        (1024, 2048),
    }
    assert len({table.cut(int(i)) for i in decode}) == len(
        {table.cut(i) for i in range(len(table))}
    )
    assert np.all(np.diff(prefill) > 0)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"slo": "ttft <= 1s for output <= 300", "goodput": "95%"}, "state percentiles"),
        ({"slo": "ttft p99 <= 1s for input <= 100"}, "widen the bucket"),
        ({"redundancy": "zone", "zones": "3"}, "zones"),
        ({"profile": "0-8h:30%,8-24h:100%", "minimize": "power"}, "cost alone"),
        ({"min_utilisation": "50%"}, "lower --headroom"),
        ({"carbon": "5kg/h"}, "cap --power"),
        ({"max_mean_quality_loss": "1%"}, "state --max-quality-loss"),
        ({"minimize": "energy"}, "compared on"),
        ({"minimize": "latency", "budget": "$500/h"}, "latency level"),
        ({"workload": "fixed", "isl": "1000", "osl": "1"}, "one token"),
    ],
)
def test_what_is_not_stated_is_refused(study, changes, why) -> None:
    asked = study(**changes)
    assert why in why_not(asked.request, asked.question)


def test_the_loss_of_a_rack_is_refused(study) -> None:
    asked = study()
    assert "n+2" in why_not(asked.request, replace(asked.question, survive_rack=True))


def test_a_plain_request_is_not_refused(study) -> None:
    assert why_not(study().request, study().question) == ""
