"""Which target is said to limit a replica: the one that uses most of its limit when simulated."""

from recommender import Spec, recommend


def test_the_target_that_a_simulation_finds_used_up(facts):
    """Bursts of long prompts: closed forms have a TTFT p99 of 0.41 of the limit, the run 0.90."""
    asked = Spec(
        model="qwen3-32b", qps="1", ttft_p99="800ms", tpot_p99="30ms", workload="rag",
        burstiness=6, gpu="B200", provider="nebius",
    )  # fmt: skip
    plan = recommend(asked, catalog=facts, front=False)
    (line,) = (text for text in plan.binding if text.startswith("latency: "))
    used = {
        target.name: max(d.targets_s[i] for d in plan.deployments) / target.limit_s
        for i, target in enumerate(plan.targets)
    }
    nearest = max(used, key=lambda name: used[name])
    assert nearest == "TTFT p99" and used["TTFT p99"] > 0.85 > used["TPOT p99"]
    assert line.startswith(f"latency: {nearest} limits a replica to ")
