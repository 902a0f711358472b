"""What the report says of `--share` and `--speculative`: whether they pay, and by how much."""

import re
from collections.abc import Mapping

import pytest

from recommender import Spec, recommend
from recommender.plan import Plan
from recommender.wording import hourly

LARGE = {
    "model": "meta-llama/Llama-3.1-8B-Instruct", "qps": "300", "ttft_p99": "500ms",
    "tpot_p99": "15ms", "gpu": ("H100",), "provider": ("nebius",), "fast": True,
}  # fmt: skip
TINY = {
    "model": "Qwen/Qwen2.5-0.5B", "qps": "300", "p99": "500ms", "gpu": ("H100",),
    "provider": ("nebius",), "fast": True,
}  # fmt: skip


def solved(base: Mapping[str, object], **more: str) -> tuple[Plan, str]:
    plan = recommend(Spec(**{**base, **more}), front=False)
    said = [line for line in plan.binding if "shar" in line or "--speculative" in line]
    assert len(said) <= 1
    return plan, said[0] if said else ""


def test_nothing_is_said_of_what_was_not_asked_for() -> None:
    assert solved(LARGE)[1] == ""


def test_sharing_that_pays_says_what_it_saves() -> None:
    shared, said = solved(TINY, share="both")
    alone, _ = solved(TINY)
    assert shared.objective is not None and alone.objective is not None
    saved = 100 * (1 - shared.objective / alone.objective)
    assert saved > 0 and said.startswith(f"sharing saves {saved:.3g} % of cost: without it")
    assert hourly(alone.objective) in said


def test_sharing_that_does_not_pay_says_what_it_would_cost() -> None:
    plan, said = solved(LARGE, share="both", qps="40", tpot_p99="60ms")
    assert all(not d.sharing for d in plan.deployments)
    more = re.search(r"does not pay: cost of shared instances alone is ([\d.]+) % more", said)
    assert more is not None and float(more[1]) > 0


@pytest.mark.parametrize(("drafts", "word"), [("3:3.5", "saves"), ("8:1.01", "does not pay")])
def test_drafts_say_whether_they_pay(drafts: str, word: str) -> None:
    """Nearly all of 3 drafts accepted carry more; nearly none of 8 only take time."""
    assert word in solved(LARGE, speculative=drafts)[1]
