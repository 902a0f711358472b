"""Which rows are of different runs, and which of one that was repeated.

Load generators draw lengths at random and report their means, and at a rate the requests in flight
follow from Little's law: 1,023.6 and 1,024.9 tokens are one setting. Values in ascending order are
one while they are within a tenth of the first of them.
"""

from collections.abc import Sequence

from recommender.accuracy.question import Question

ALIKE = 1.1
Run = tuple[str, int, int, int]
"""Kind of load, and which prompt, output and requests in flight, counted from the smallest."""


def different_runs(questions: Sequence[Question]) -> list[Run]:
    """What run each row is of; rows of equal names are of one run, if of one deployment."""
    scenarios = [question.scenario for question in questions]
    return list(
        zip(
            [question.load.kind for question in questions],
            grouped([one.input_tokens or 0.0 for one in scenarios]),
            grouped([one.output_tokens or 0.0 for one in scenarios]),
            grouped([one.concurrency or 0.0 for one in scenarios]),
            strict=True,
        )
    )


def grouped(values: Sequence[float]) -> list[int]:
    """Which group each value is in, the smallest first."""
    number, first = -1, 0.0
    groups: dict[float, int] = {}
    for value in sorted(set(values)):
        if number < 0 or value > first * ALIKE:
            number, first = number + 1, value
        groups[value] = number
    return [groups[value] for value in values]
