"""Which rows are of different runs, and which of one that was repeated.

Two means are of one setting while they are within a tenth of each other, or within what chance
makes of the lengths that a load generator draws:

    a/b <= max( 1.1, exp(3 * sqrt(1/n_a + 1/n_b)) )

Symbol  Meaning                                                                  Unit
a, b    mean lengths, or mean requests in flight, of two runs, a the larger      tokens, count
n       requests that a mean is of; 37 where nobody says                         count

Lengths scatter by no more than their mean (uniform ones from nothing to twice the mean by 0.58 of
it, those of chats by about all of it), so that a mean of n has a deviation of 1/sqrt(n), and three
of the difference of two are chance. Of 37 requests that is a factor of 2.

What was asked for does not scatter: lengths that a person would type (two digits, or multiples of
50 or 64), whole requests in flight, and what the notes of a row say: `100 requests, 16 at a time`
or `100 requests, 2 per s`, as reports of load generators are read (`run_reports`). Of two values
that were asked for, a tenth is a difference; equal ones are one, whatever came of them.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.accuracy.question import Question

ALIKE = 1.1
UNSTATED_REQUESTS = 37.0
DEVIATIONS = 3.0
TYPED_MULTIPLES = (50, 64)
_REQUESTS = re.compile(r"(\d+) requests\b")
_ASKED = re.compile(r"\b[\d.]+ (?:at a time|per s)\b")
Run = tuple[str, int, int, int]
"""Kind of load, and which prompt, output and requests in flight, counted from the smallest."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of a run."""

    value: float
    asked: str = ""
    """What was asked for, where that is known."""
    requests: float = UNSTATED_REQUESTS


def different_runs(questions: Sequence[Question]) -> list[Run]:
    """What run each row of one deployment is of; rows of equal names are of one run."""
    return list(
        zip(
            [question.load.kind for question in questions],
            grouped([_length(one, one.scenario.input_tokens) for one in questions]),
            grouped([_length(one, one.scenario.output_tokens) for one in questions]),
            grouped([_in_flight(question) for question in questions]),
            strict=True,
        )
    )


def grouped(means: Sequence[Mean]) -> list[int]:
    """Which group each mean is in, the smallest first: in ascending order they are one while they
    are like the first of them; those that were asked for stand where their median is.
    """
    of_asked: dict[str, list[Mean]] = {}
    for mean in means:
        of_asked.setdefault(mean.asked or repr(mean), []).append(mean)
    middles = {
        name: Mean(
            float(np.median([one.value for one in own])),
            own[0].asked,
            min(one.requests for one in own),
        )
        for name, own in of_asked.items()
    }
    number, first = -1, None
    groups: dict[str, int] = {}
    for name, middle in sorted(middles.items(), key=lambda item: item[1].value):
        if first is None or not _alike(first, middle):
            number, first = number + 1, middle
        groups[name] = number
    return [groups[mean.asked or repr(mean)] for mean in means]


def _alike(smaller: Mean, larger: Mean) -> bool:
    if smaller.asked and larger.asked:
        return larger.value <= ALIKE * smaller.value
    chance = math.exp(DEVIATIONS * math.sqrt(1 / smaller.requests + 1 / larger.requests))
    return larger.value <= max(ALIKE, chance) * smaller.value


def _length(question: Question, tokens: float | None) -> Mean:
    value = tokens or 0.0
    return Mean(value, f"{value:g}" if _is_typed(value) else "", _requests(question))


def _is_typed(value: float) -> bool:
    """Whether a person would ask for this length."""
    if not value.is_integer():
        return False
    two_digits = value % 10 ** max(len(f"{value:.0f}") - 2, 0) == 0
    return two_digits or any(value % multiple == 0 for multiple in TYPED_MULTIPLES)


def _in_flight(question: Question) -> Mean:
    scenario, stated = question.scenario, question.row.concurrency or 0.0
    noted = _ASKED.search(question.row.notes)
    asked = noted[0] if noted else f"{stated:g}" if stated.is_integer() else ""
    on_ranks = f"{asked} on {scenario.replicas * scenario.adp:g}" if asked else ""
    return Mean(scenario.concurrency or 0.0, on_ranks, _requests(question))


def _requests(question: Question) -> float:
    stated = _REQUESTS.search(question.row.notes)
    return max(float(stated[1]), 1.0) if stated else UNSTATED_REQUESTS
