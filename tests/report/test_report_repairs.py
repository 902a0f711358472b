"""Repairs in a report: what a reader is told beside the least change that is enough."""

from dataclasses import replace

from sample_plan import INFEASIBLE, PLAN

from recommender.plan import Repair
from recommender.report.terminal import to_text


def shown(*repairs: Repair) -> str:
    return " ".join(to_text(replace(INFEASIBLE, repairs=repairs)).split())


def test_a_least_latency_comes_with_the_advice_to_compare() -> None:
    """162 ms was offered at $403,200/h, and nothing said that 200 ms costs a fraction."""
    text = shown(
        Repair("--headroom", "0%", "1 x"), Repair("--ttft-p99", "at least 162 ms", "9600 x")
    )
    assert "Compare looser ones before you choose: recommend what-if --vary ttft_p99=..." in text
    assert "Compare" not in shown(Repair("--headroom", "0%", "1 x"))


def test_amounts_say_what_they_are_of() -> None:
    """Memory is that of one accelerator; power and energy are without what cooling takes."""
    text = to_text(PLAN)
    assert "GiB an accelerator" in text and "energy (IT)" in text
