"""What is minimised over a day, in turn: at the busiest moment, then on average."""

from collections.abc import Iterator

from recommender.formulation.periods import OverDay
from recommender.formulation.single_service import Objective

OF_THE_PEAK: tuple[Objective, ...] = ("power", "accelerators", "nodes")
"""Objectives that count at the busiest moment; the others are means over the day."""


def passes(question: OverDay) -> Iterator[tuple[Objective, bool, float]]:
    """(objective, whether at the peak, what it may lose for the ones after it [1])."""
    service = question.service
    objectives = service.objectives
    if "cost" not in objectives:  # nothing else says what runs at night
        objectives = (*objectives, "cost")
    for number, objective in enumerate(objectives):
        tolerance = dict(enumerate(service.tolerances)).get(number, 0.0)
        if objective in OF_THE_PEAK:
            yield objective, True, tolerance
            if tolerance == 0:
                yield objective, False, 0.0
        else:
            yield objective, False, tolerance
