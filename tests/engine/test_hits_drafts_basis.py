"""`--prefix-hit`, `--speculative`, `--basis`: read, refused, stated, and carried to the plan."""

import json

import pytest

import catalog
from recommender.engine import recommend
from recommender.errors import SpecError
from recommender.request.request import resolve
from recommender.request.spec_file import make_spec

FACTS = catalog.load()
PLAIN = {
    "model": "8b", "qps": "60", "p99": "500ms", "workload": "rag", "gpu": "H100", "fast": True,
    "redundancy": "none", "provider": "nebius",
}  # fmt: skip


def spec(**more):
    return make_spec(PLAIN | more)


def plan(**more):
    return recommend(spec(**more), catalog=FACTS, front=False, explain=False)


def assumed(request):
    return {line.name: line.value for line in request.assumptions}


def test_drafts_and_accepted_tokens_are_read():
    made = spec(speculative="3:2.1", prefix_hit="30%")
    assert (made.speculative, made.prefix_hit, made.basis) == ((3, 2.1), 0.3, "calibrated")
    assert make_spec(made.model_dump(mode="json", exclude_none=True)) == made


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"speculative": "3"}, "write it like 3:2.1"),
        ({"speculative": "0:1"}, "1 to 32 tokens"),
        ({"speculative": "3:4.5"}, "gives 1 to 4 tokens"),
        ({"speculative": "3:0.5"}, "gives 1 to 4 tokens"),
        ({"prefix_hit": "30"}, "no unit"),
        ({"prefix_hit": "100%"}, "at most 99%"),
        ({"speculative": "3:2.1", "basis": "measured"}, "no drafts in its tables"),
        ({"basis": "guessed"}, "calibrated"),
    ],
)
def test_what_is_not_a_spec(given, message):
    with pytest.raises(SpecError, match=message):
        spec(**given)


def test_who_cannot_draft():
    with pytest.raises(SpecError, match="one sequence at a time"):
        resolve(spec(speculative="3:2.1", engine="llama.cpp"), FACTS)
    with pytest.raises(SpecError, match="recurrent state"):
        resolve(spec(speculative="3:2.1", model="nvidia/Nemotron-H-56B-Base-8K"), FACTS)


def test_hits_of_a_trace_bound_the_share(tmp_path):
    """Half of the prompt tokens of every other request can be found: a quarter of all."""
    path = tmp_path / "trace.json"
    pairs = [[1000, 100, 500], [1000, 100, 0]] * 20
    document = {
        "workload_version": "1", "name": "mine", "source": "test", "burstiness": 1.0,
        "lengths": pairs,
    }  # fmt: skip
    path.write_text(json.dumps(document))
    half = resolve(spec(trace=str(path), prefix_hit="12.5%"), FACTS)
    assert half.workload.lengths.cached_tokens is not None
    assert half.workload.lengths.cached_tokens.tolist()[:2] == [250, 0]
    assert "spread as the hits of the trace" in assumed(half)["prefix cache"]
    none = resolve(spec(trace=str(path)), FACTS)
    assert none.workload.lengths.cached_tokens is None
    assert "would find 25%" in assumed(none)["prefix cache"]
    with pytest.raises(SpecError, match=r"25\.0% can be found"):
        resolve(spec(trace=str(path), prefix_hit="40%"), FACTS)


def test_hits_make_plans_cheaper_and_the_audit_agrees():
    costs = []
    for share in ("0%", "30%", "60%"):
        found = plan(prefix_hit=share)
        assert found.totals is not None
        assert all(finding.holds for finding in found.audit)
        costs.append(found.totals.cost_usd_per_h)
    assert costs == sorted(costs, reverse=True)
    assert costs[2] < costs[0]


def test_drafts_that_fill_the_budget_hold_fewer_sequences():
    """512 tokens a step hold 512/5 sequences that verify five each; the audit agrees."""
    found = plan(workload="chat", qps="400", speculative="4:4.5")
    assert all(finding.holds for finding in found.audit)
    for d in found.deployments:
        assert d.step_law["max_batch"] == min(d.max_batch, d.chunk_tokens // 5)


def test_drafts_are_quicker_per_token_and_the_audit_agrees():
    plain, drafting = plan(workload="chat"), plan(workload="chat", speculative="2:2.2")
    assert drafting.totals is not None
    assert all(finding.holds for finding in drafting.audit)
    (one,), (other,) = plain.deployments, drafting.deployments
    assert other.step_law["tokens_per_step"] == 2.2
    assert other.tpot_p99_s < one.tpot_p99_s
    assert any("2 drafts a step" in line.value for line in drafting.assumptions)
