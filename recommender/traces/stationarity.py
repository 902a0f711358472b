"""Whether one rate describes a trace, and what to do when it does not.

A plan is sized for one rate with renewal arrivals. That is unsafe when the rate itself moves
within minutes: peak minute above twice the mean, or a variation v_60 of the rate above 0.5
(`statistics`). Azure's conversations have 1.5 and 0.2, its code completions 4.1 and 1.0.

Inside the busiest minutes the rate moves where counts over 10 s vary much more than gaps as bursty
as these (`burstiness`) would make them: 8.2 where gaps have 4.4 for the code completions, 1.0 for
the conversations. One replica planned for the gaps' 4.4 and 3 s to the first token took 5 s in a
replay of these minutes, planned for 8 it took 1.3 s; limits below a second held with 4.4.

Bursts are bought once: as burstiness. Arrivals with a cv of c bring the busiest of m parts of w s,
at r requests/s, about

    e = z(1 - 1/m) * c / sqrt(r*w)        z: quantile of the normal distribution

above the mean. Only what the busiest 10 s, b above the busiest minute, have beyond that is left for
headroom: (1 + b)/(1 + e) - 1. The code completions have b = 2.1, and e = 2.2 with c = 8.2: planned
with that and no headroom they held 0.5, 1 and 3 s in their busiest minute, with a spare node and
without.
"""

from math import sqrt

from recommender.queueing.tails import normal_quantile
from recommender.traces.statistics import TraceStatistics, Window

MOST_PEAK_TO_MEAN = 2.0
MOST_RATE_VARIATION = 0.5
MOST_BURSTINESS = 2.0
MOST_OF_COUNTS = 1.5
"""Burstiness of counts over that of gaps."""
LEAST_LEFT = 0.05
"""Headroom that is worth a word."""
FEWEST_REQUESTS = 1000


def peak_to_mean(found: TraceStatistics) -> float | None:
    """Peak minute over mean rate; None for traces shorter than two minutes."""
    minute = found.window(60.0)
    return minute.peak_requests_per_s / found.requests_per_s if minute else None


def is_stationary(found: TraceStatistics) -> bool:
    """Whether sizing by one rate is safe."""
    minute = found.window(60.0)
    if minute is None:
        return False
    peak = minute.peak_requests_per_s / found.requests_per_s
    return peak <= MOST_PEAK_TO_MEAN and minute.rate_variation <= MOST_RATE_VARIATION


def advice(found: TraceStatistics) -> tuple[str, ...]:
    """What to know before sizing with this trace, most important first."""
    lines: list[str] = []
    minute, tens = found.window(60.0), found.window(10.0)
    if minute is None:
        lines.append("shorter than two minutes: the peak rate is not known; take a longer trace")
    elif not is_stationary(found):
        lines.append(
            f"a stationary model is unsafe: peak minute {minute.peak_requests_per_s:.1f}/s is "
            f"{minute.peak_requests_per_s / found.requests_per_s:.1f} x the mean, index of "
            f"dispersion over 60 s is {minute.dispersion:.0f}"
        )
        lines.append(
            "size for the peak minute, add autoscaling or admission control, and check the plan "
            "by replay: recommend verify PLAN --trace FILE"
        )
    if minute is not None and tens is not None:
        lines.append(_options(found, minute, tens))
    if found.burstiness > MOST_BURSTINESS:
        lines.append(
            f"burstiness {found.burstiness:.1f}: closed forms are not safe here; do not use --fast"
        )
    if found.rounded_times:
        lines.append("times are rounded; burstiness is taken from counts in parts of minutes")
    if found.requests < FEWEST_REQUESTS:
        lines.append(f"only {found.requests} requests: p99 of the lengths is uncertain")
    return tuple(lines)


def _options(found: TraceStatistics, minute: Window, tens: Window) -> str:
    """What to plan with, each burst bought once."""
    rate, gaps, counts = minute.peak_requests_per_s, found.burstiness, _moving(found)
    burst = tens.peak_requests_per_s / rate - 1.0
    text = f"plan with --trace FILE --qps {rate:.3g}: its burstiness of {gaps:.2g} comes along"
    if counts is not None:
        text += (
            f"; for limits of a second and more --burstiness {counts:.1f} instead, as counts over "
            "10 s vary"
        )
    left = (1.0 + burst) / (1.0 + _brought(found, rate, tens.seconds, counts or gaps)) - 1.0
    if left < LEAST_LEFT:
        return (
            f"{text}. That holds bursts such as the busiest 10 s, {burst:.0%} above the peak "
            "minute: --headroom is for growth, not for them again"
        )
    return (
        f"{text}; and --headroom {left:.0%}, growth apart, for what the busiest 10 s, {burst:.0%} "
        "above the peak minute, have beyond that"
    )


def _moving(found: TraceStatistics) -> float | None:
    """Burstiness of counts, where the rate moves inside the busiest minutes."""
    counts = found.burstiness_of_counts
    return counts if counts is not None and counts > MOST_OF_COUNTS * found.burstiness else None


def _brought(found: TraceStatistics, rate: float, seconds: float, burstiness: float) -> float:
    """e, of the parts of a trace that is as busy as its peak minute all the time."""
    parts = max(found.duration_s / seconds, 2.0)
    return normal_quantile(1.0 - 1.0 / parts) * burstiness / sqrt(rate * seconds)
