"""Token budgets that a limit on gaps between tokens asks for: offered, valid, and worth it."""

import pytest

from recommender import Spec, recommend
from recommender.enumeration import enumeration as enumerating
from recommender.enumeration.enumeration import enumerate_replicas
from recommender.enumeration.itl_chunks import TILE
from recommender.enumeration.layout_space import CHUNK_TOKENS, SMALL_BUDGETS
from recommender.queueing.chunk_budget import largest_chunk_tokens
from recommender.request.request import resolve

ASKED = {"model": "70b", "qps": "20", "provider": "nebius", "gpu": "H200", "ttft_p99": "2s"}
USUAL = {*CHUNK_TOKENS, *SMALL_BUDGETS}


def layouts(facts, **values):
    return enumerate_replicas(resolve(Spec(**ASKED, **values), facts)).table


def test_without_a_limit_on_gaps_budgets_are_the_usual_ones(facts):
    assert {layout.chunk_tokens for layout in layouts(facts).layouts} <= USUAL


def test_budgets_of_its_own_are_tiles_that_hold_the_batch_and_the_limit(facts):
    table = layouts(facts, itl_p99="80ms")
    own = [i for i, x in enumerate(table.layouts) if x.chunk_tokens not in USUAL]
    assert own
    for position in own:
        layout = table.layouts[position]
        assert layout.chunk_tokens % TILE == 0
        assert layout.max_batch <= layout.chunk_tokens < max(CHUNK_TOKENS)
    request = resolve(Spec(**ASKED, itl_p99="80ms"), facts)
    lengths = request.workload.lengths
    most = largest_chunk_tokens(table.law.take(own), lengths, itl_s=0.08, full=0.25)
    assert all(table.layouts[i].chunk_tokens <= m for i, m in zip(own, most, strict=True))


def test_a_looser_limit_asks_for_larger_budgets(facts):
    largest = [
        max(x.chunk_tokens for x in layouts(facts, itl_p99=limit).layouts if x.tp == 1)
        for limit in ("40ms", "80ms")
    ]
    assert largest[0] <= largest[1]


@pytest.mark.slow
def test_the_budget_of_its_own_saves_money_and_is_shown(facts, monkeypatch):
    any_gpu = {name: value for name, value in ASKED.items() if name != "gpu"}
    spec = Spec(**any_gpu, itl_p99="70ms")
    with_own = recommend(spec, catalog=facts, front=False, explain=False)
    monkeypatch.setattr(enumerating, "itl_layouts", lambda *_: [])
    usual = recommend(spec, catalog=facts, front=False, explain=False)
    assert with_own.totals.cost_usd_per_h <= usual.totals.cost_usd_per_h
    assert all(d.itl_p99_s <= 0.07 for d in with_own.deployments)
    assert {d.chunk_tokens for d in with_own.deployments} - USUAL
