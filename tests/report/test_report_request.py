"""How the request was read: a model that is a size alone is called assumed."""

from dataclasses import replace

from sample_plan import PLAN

from catalog import load
from recommender.plan import Assumption
from recommender.report.sections.request import request
from recommender.request.request import resolve
from recommender.request.spec_file import make_spec


def first_line(plan):
    (items,) = request(plan).blocks
    return items.items[0]


def assumption(model):
    """What is said of the model of a request."""
    asked = resolve(make_spec({"model": model, "qps": "1", "p99": "2s"}), load())
    (found,) = [one for one in asked.assumptions if one.name == "model"]
    return found


def test_a_size_is_said_to_be_assumed():
    """52b was `52b is 52b`."""
    found = assumption("52b")
    text = "52b: no model of the catalogue, assumed is tiiuae/falcon-40b stretched to this size"
    assert found.value == text
    plan = replace(PLAN, model="52b", spec={**PLAN.spec, "model": "52b"}, assumptions=(found,))
    assert first_line(plan) == f"model: {text}"


def test_a_name_is_said_to_be_that_model():
    assert assumption("236b").value == "236b is deepseek-ai/DeepSeek-V2"
    model = Assumption("model", "236b is deepseek-ai/DeepSeek-V2", "--model")
    plan = replace(PLAN, spec={**PLAN.spec, "model": "236b"}, assumptions=(model,))
    assert first_line(plan) == "model: '236b' was taken as deepseek-ai/DeepSeek-V2"


def test_a_preset_that_a_trace_takes_the_place_of_is_named():
    unused = Assumption("--workload", "rag is not used: those of --trace t.csv", "--trace")
    (items,) = request(replace(PLAN, assumptions=(unused,))).blocks
    assert "lengths: --workload rag is not used: those of --trace t.csv" in items.items
    (plain,) = request(PLAN).blocks
    assert not any(line.startswith("lengths") for line in plain.items)
