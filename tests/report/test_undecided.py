"""What helps a replay that cannot tell, and nothing that does not."""

from dataclasses import replace

import pytest

from recommender.report.undecided import undecided
from recommender.report.verification_section import verification_sections
from recommender.verification.verification import Judged, Outage, Phase, Replayed, Verification

OPEN = (Judged("ttft", 0.99, 0.3, 0.3, 0.29, 0.31, "undecided"),)
KEPT = (Judged("ttft", 0.99, 0.3, 0.2, 0.19, 0.21, "holds"),)
REPLAYED = Replayed(
    deployment="d1",
    replicas=2,
    requests_per_s=10.0,
    requests=36_000,
    percentiles={"ttft": ()},
    targets=OPEN,
    goodput=0.99,
    growth=1.0,
    grows=False,
)
STEADY = Verification(demand_requests_per_s=20.0, arrivals="chat", lost=(), replays=(REPLAYED,))


def after_failure(*phases: str, returns_s: float | None = 900.0) -> Verification:
    outage = Outage(
        fails_s=600.0,
        returns_s=returns_s,
        ends_s=1800.0,
        lost=("x",),
        failures=1,
        incidents=400,
        retried=3.0,
        phases=tuple(
            Phase(
                deployment="d1",
                phase=name,
                requests=5000,
                targets=OPEN if name in phases else KEPT,
                goodput=0.99,
            )
            for name in ("before", "during", "after")
        ),
        recoveries=(),
    )
    return replace(STEADY, replays=(), outages=(outage,))


def test_a_steady_replay_is_made_longer():
    """36,000 requests at 10/s are 3,600 s."""
    assert undecided(STEADY).endswith("Replay longer than these 1 h with --hours.")
    decided = replace(REPLAYED, deployment="d2", targets=KEPT, requests=720_000)
    both = replace(STEADY, replays=(REPLAYED, decided))
    assert "these 1 h" in undecided(both)


def test_the_longest_replay_is_not():
    most = replace(STEADY, replays=(replace(REPLAYED, requests=1_990_000),))
    assert "--hours" not in undecided(most)
    assert "as many as are replayed, up to 2,000,000" in undecided(most)


@pytest.mark.parametrize(
    ("phases", "returns_s", "said"),
    [
        (("before",), 900.0, "To tell: before the failure, let the nodes fail later (--fail-at)."),
        (("during",), 900.0, "To tell: during the failure, give --fail-at a longer repair."),
        (
            ("during",),
            None,
            "To tell: during the failure, replay longer than these 0.5 h with --hours.",
        ),
        (
            ("after",),
            900.0,
            "To tell: after the failure, replay longer than these 0.5 h with --hours.",
        ),
        (("before", "during"), 900.0, "(--fail-at); during the failure, give --fail-at a longer"),
    ],
)
def test_each_time_around_a_failure_has_its_own(phases, returns_s, said):
    found = after_failure(*phases, returns_s=returns_s)
    assert found.verdict == "undecided"
    assert said in undecided(found)


def test_the_report_says_it():
    first, *_ = verification_sections(after_failure("during"))
    assert "a longer repair" in first.blocks[0].text
