"""Offers that a limit on single nodes leaves out: one sentence per limit that does."""

from collections.abc import Iterator

from recommender.decision.question import Question
from recommender.decision.study import Study

NODE_LIMITS: tuple[tuple[str, str], ...] = (
    ("--within", "within_days"),
    ("--cooling", "cooling"),
    ("--min-host-ram-factor", "min_host_ram_factor"),
    ("--max-load-time", "max_load_time_s"),
    ("--max-network-share", "max_network_share"),
)
"""Flag and field of the question that decide which columns exist."""


def offers_left_out(study: Study) -> Iterator[str]:
    """`--within: 2 of 3 offers are out by it`; of offers without facts there are warnings."""
    question = study.question
    asked = [(flag, field) for flag, field in NODE_LIMITS if getattr(question, field) is not None]
    held = _sold(study, question) if asked else set()
    for flag, field in asked:
        out = _sold(study, question.without(field)) - held
        if out:
            every = len(out) + len(held)
            yield f"{flag}: {len(out)} of {every} offers are out by it"


def _sold(study: Study, question: Question) -> set[str]:
    """Offers that something can be bought of."""
    groups = study.decider.groups(study.enumeration.market, question)
    return {group.offer for group in groups}
