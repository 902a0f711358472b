"""The model as a choice, from a spec to a plan: which one wins, how good it is, what it costs."""

import json

import pytest

from recommender import Spec, recommend
from recommender.batch.journal import _files
from recommender.decision.quality_objective import level_of, levels_of
from recommender.decision.study_of import study_of
from recommender.errors import MissingData, SpecError
from recommender.request.request import resolve
from recommender.request.spec_file import make_spec

ASKED = {"qps": "20", "p99": "1s", "gpu": "H100,L40S", "fast": True}
BIG, SMALL = "meta-llama/Llama-3.1-70B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"


@pytest.fixture(scope="module")
def planned(facts):
    """A spec's values -> its plan, each solved once."""
    known = {}

    def solve(**values):
        key = tuple(sorted(values.items()))
        if key not in known:
            spec = make_spec(ASKED | values)
            known[key] = recommend(spec, catalog=facts, front=False, explain=False)
        return known[key]

    return solve


def cost(plan):
    """Of the nodes, inf without a plan [$/h]."""
    return plan.totals.cost_usd_per_h if plan.totals else float("inf")


def test_the_cheaper_model_wins_and_is_the_plan_of_its_own_spec(planned):
    both, alone = planned(model="70b,8b"), planned(model="8b")
    assert both.model == alone.model == SMALL
    assert both.nodes == alone.nodes and both.status == "optimal"


def test_least_quality_leaves_the_plan_of_the_better_model(planned):
    both, alone = planned(model="70b,8b", min_quality="60"), planned(model="70b")
    assert both.model == BIG and cost(both) == cost(alone)
    assert both.totals.quality == 67.6  # MMLU-Pro of the catalogue, fp8 without loss


def test_order_of_names_changes_nothing(planned):
    forth, back = (
        planned(model="70b,8b", min_quality="60"),
        planned(model="8b,70b", min_quality="60"),
    )
    assert forth.nodes == back.nodes and forth.totals == back.totals


def test_models_are_never_dearer_and_quality_never_cheaper(planned):
    costs = [cost(planned(model="70b,8b", min_quality=q)) for q in ("1%", "40", "47.6", "47.7")]
    assert costs == sorted(costs) and costs[0] == costs[2] < costs[3]
    assert cost(planned(model="70b,8b,14b")) <= cost(planned(model="70b,8b"))
    assert cost(planned(model="8b,14b")) <= min(
        cost(planned(model="8b")), cost(planned(model="14b"))
    )


def test_mixing_is_never_dearer_and_keeps_the_mean(planned):
    one = planned(model="70b,8b", min_quality="55")
    mixed = planned(model="70b,8b", min_quality="55", mix_models=True)
    assert cost(mixed) < cost(one)
    big = sum(d.share for d in mixed.deployments if d.model == BIG)
    assert big * 67.6 + (1 - big) * 47.6 >= 55 - 1e-9
    assert mixed.model == " + ".join(dict.fromkeys(d.model for d in mixed.deployments))


def test_figures_of_the_user_count_in_any_writing(planned):
    percent = planned(model="70b=86,8b=73", min_quality="80%")
    shares = planned(model="70b=0.86,8b=0.73", min_quality=0.8)
    assert percent.totals == shares.totals and percent.totals.quality == 86.0


def test_quality_of_formats_counts(facts):
    # int8 loses what the catalogue measured: 67.6 (1 - loss) of each kind
    spec = make_spec(ASKED | {"model": "70b,8b", "max_quality_loss": "5%"})
    table = study_of(spec, catalog=facts).table
    assert table.quality is not None
    for position in range(0, len(table), 37):
        of_model = {BIG: 67.6, SMALL: 47.6}[table.model(position)]
        left = of_model * (1 - table.quality_loss_pct[position] / 100)
        assert table.quality_at(position) == pytest.approx(left, abs=1e-8)
        short = 100 * (1 - left / 67.6)
        assert table.shortfall_pct[position] == pytest.approx(short, abs=1e-6)


def test_least_loss_of_quality_first_then_cost(planned):
    plan = planned(model="70b,8b", minimize="quality,cost", budget="$300/h")
    assert plan.model == BIG and cost(plan) == cost(planned(model="70b"))
    poor = planned(model="70b,8b", minimize="quality", budget="$20/h")
    assert poor.model == SMALL and poor.status == "optimal"


def test_quality_for_a_share_of_the_cost(planned):
    small, middle = cost(planned(model="8b")), cost(planned(model="14b"))
    little = planned(model="14b,8b", minimize="cost,quality:50%")
    assert little.model == SMALL and cost(little) == small
    enough = f"cost,quality:{100 * (middle / small - 1) + 1:.0f}%"
    much = planned(model="14b,8b", minimize=enough)
    assert much.model == "Qwen/Qwen3-14B" and cost(much) == middle


def test_equal_cost_goes_to_the_better_model(facts):
    # both fit one H100 three times over at this rate: N+1 asks for the same two nodes of each
    spec = make_spec(ASKED | {"model": "8b=50,qwen3-8b=70", "qps": "1", "gpu": "H100"})
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    assert plan.model == "Qwen/Qwen3-8B"
    swapped = make_spec(ASKED | {"model": "8b=70,qwen3-8b=50", "qps": "1", "gpu": "H100"})
    other = recommend(swapped, catalog=facts, front=False, explain=False)
    assert other.model == SMALL and cost(other) == cost(plan)


def test_levels_of_one_model_are_those_of_its_formats(facts):
    study = study_of(make_spec(ASKED | {"model": "8b"}), catalog=facts)
    assert levels_of(study) == tuple(sorted({*study.table.quality_loss_pct.tolist()}))
    assert level_of(study, study.decide()) in levels_of(study)


def test_over_a_day_one_model_serves_all_periods(planned):
    day = {"profile": "0-8h:20%,8-24h:100%"}
    both = planned(model="70b,8b", min_quality="60", **day)
    assert both.model == BIG and {d.model for p in both.periods for d in p.deployments} == {BIG}
    cheap = planned(model="70b,8b", **day)
    alone = planned(model="8b", **day)
    assert cheap.totals.mean_cost_usd_per_h == alone.totals.mean_cost_usd_per_h


def test_what_the_other_models_cost_is_told(facts):
    spec = make_spec(ASKED | {"model": "70b,8b", "min_quality": "60"})
    plan = recommend(spec, catalog=facts, front=False)
    (other,) = [r for r in plan.runners_up if "alone" in r.restriction]
    assert other.restriction == "Llama-3.1-8B-Instruct alone"
    assert other.reason == "quality 47.6, 60 asked for"
    assert other.cost_usd_per_h < cost(plan)


REFUSED = {
    "names 8b twice": {"model": "8b,8b"},
    "are both": {"model": "8b,llama3.1-8b"},
    "give it for all": {"model": "70b=86,8b"},
    "is no quality": {"model": "70b=good"},
    "at most 100": {"model": "70b=186"},
    "needs several models": {"model": "8b", "mix_models": True},
    "is for one model": {"model": "70b,8b", "disaggregate": "auto"},
    "tokens accepted": {"model": "70b,8b", "speculative": "3:2.1"},
    "with --profile": {"model": "70b,8b", "profile": "0-8h:30%,8-24h:100%", "minimize": "quality"},
    "worst deployment": {"model": "70b,8b", "minimize": "cost,quality:9%", "mix_models": True},
    "latency or quality": {"model": "8b", "minimize": "cost,quality,power,latency"},
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_refused_says_why(words, facts):
    with pytest.raises(SpecError, match=words):
        resolve(make_spec(ASKED | REFUSED[words]), facts)


@pytest.mark.parametrize("asked", [{"min_quality": "60"}, {"minimize": "quality"}])
def test_unknown_quality_is_never_made_up(facts, asked):
    with pytest.raises(MissingData, match=r"that of \S+Yi-34B is not in the catalogue; --model"):
        resolve(make_spec(ASKED | {"model": "8b,yi-34b"} | asked), facts)
    known = resolve(make_spec(ASKED | {"model": "8b,yi-34b"}), facts)
    assert known.qualities == {}
    told = [a for a in known.assumptions if a.name == "quality of the models"]
    assert "not compared" in told[0].value


def test_a_model_file_with_a_figure_is_one_of_several(facts, tmp_path):
    shape = facts.model("8b")
    path = tmp_path / "own" / "config.json"
    path.parent.mkdir()
    path.write_text(
        json.dumps(
            {
                "architectures": ["LlamaForCausalLM"], "model_type": "llama",
                "hidden_size": shape.hidden, "intermediate_size": shape.intermediate,
                "num_attention_heads": shape.heads, "num_hidden_layers": shape.layers,
                "num_key_value_heads": shape.kv_heads, "vocab_size": shape.vocab,
                "max_position_embeddings": 131072, "torch_dtype": "bfloat16",
            }
        )
    )  # fmt: skip
    spec = make_spec(ASKED | {"model": f"{path}=70,14b=60"})
    assert [choice.name for choice in spec.models] == [str(path), "14b"]
    assert list(_files(spec)) == [path]  # of a batch: a changed file is another request
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    assert plan.model == "own" and plan.totals.quality == 70.0
    assert all(finding.holds for finding in plan.audit)


def test_a_saved_spec_reads_back():
    spec = make_spec(ASKED | {"model": ["70b=86", "8b=0.73"], "min_quality": 0.8})
    again = Spec.model_validate(spec.model_dump(mode="json", exclude_none=True))
    assert again == spec and again.model == "70b=86,8b=73" and again.min_quality == 80.0


def test_scores_of_reasoning_and_of_vendors_are_warned_of(facts, planned):
    reasons = planned(model="8b,qwen3-8b", min_quality="60")  # Qwen3 8B (Reasoning): 74.3
    assert any("while it reasons" in warning for warning in reasons.warnings)
    assert not any("while it reasons" in w for w in planned(model="70b,8b").warnings)
    own = planned(model="8b=50,qwen3-8b=70", min_quality="60")
    assert not any("while it reasons" in warning for warning in own.warnings)
    (vendor,) = (m for m in facts.models.values() if m.id == "Qwen/Qwen2.5-7B-Instruct")
    assert (vendor.quality_source or "").startswith("vendor")
    told = planned(model="8b,qwen2.5-7b-instruct").warnings
    assert any("its vendor's figure" in warning for warning in told)


@pytest.mark.slow
def test_simulated_rates_give_the_plan_of_the_model_alone(facts):
    asked = {"qps": "20", "p99": "1s", "gpu": "H100,H200", "provider": "nebius"}
    both = recommend(make_spec(asked | {"model": "14b,8b", "min_quality": "60"}), catalog=facts)
    alone = recommend(make_spec(asked | {"model": "14b"}), catalog=facts)
    assert cost(both) == cost(alone) and both.nodes == alone.nodes
    assert all(finding.holds for finding in both.audit)
