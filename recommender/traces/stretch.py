"""The stretch around the busiest minute of a long trace that holds a given number of requests."""

import numpy as np

from recommender.traces.survey import Survey

_MINUTE_S = 60


def busiest_stretch(survey: Survey, most: int) -> tuple[float, float]:
    """Start and end of the longest stretch, as long before as after, with at most `most` [s].

    Times are those of the file. One minute is given even if it holds more.
    """
    counts = survey.per_second
    before = np.concatenate([[0], np.cumsum(counts)])
    minutes = before[_MINUTE_S:] - before[:-_MINUTE_S] if counts.size > _MINUTE_S else before[-1:]
    peak = int(np.argmax(minutes))
    low, high = 0, counts.size
    while low < high:  # the most seconds to add on both sides
        middle = (low + high + 1) // 2
        start, end = max(peak - middle, 0), min(peak + _MINUTE_S + middle, counts.size)
        low, high = (middle, high) if before[end] - before[start] <= most else (low, middle - 1)
    start, end = max(peak - low, 0), min(peak + _MINUTE_S + low, counts.size)
    return survey.origin_s + start, survey.origin_s + end
