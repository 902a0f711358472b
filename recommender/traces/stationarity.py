"""Whether one rate describes a trace, and what to do when it does not.

A plan is sized for one rate with renewal arrivals. That is unsafe when the rate itself moves
within minutes: peak minute above twice the mean, or a variation v_60 of the rate above 0.5
(`statistics`). Azure's conversations have 1.5 and 0.2, its code completions 4.1 and 1.0.

Inside the busiest minutes the rate moves where counts over 10 s vary much more than gaps as bursty
as these (`burstiness`) would make them: 8.2 where gaps have 4.4 for the code completions, 1.0 for
the conversations. One replica planned for the gaps' 4.4 and 3 s to the first token took 5 s in a
replay of these minutes, planned for 8 it took 1.3 s; limits below a second held with 4.4.
"""

from recommender.traces.statistics import TraceStatistics

MOST_PEAK_TO_MEAN = 2.0
MOST_RATE_VARIATION = 0.5
MOST_BURSTINESS = 2.0
MOST_OF_COUNTS = 1.5
"""Burstiness of counts over that of gaps."""
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
        burst = tens.peak_requests_per_s / minute.peak_requests_per_s - 1.0
        lines.append(
            f"busiest 10 s are {burst:.0%} above the peak minute: --headroom {max(burst, 0):.0%} "
            "covers them"
        )
    if found.burstiness > MOST_BURSTINESS:
        lines.append(
            f"burstiness {found.burstiness:.1f}: closed forms are not safe here; do not use --fast"
        )
    of_counts = found.burstiness_of_counts
    if of_counts is not None and of_counts > MOST_OF_COUNTS * found.burstiness:
        lines.append(
            f"counts over 10 s in the busiest minutes vary as with burstiness {of_counts:.1f}: for "
            f"limits of a second and more on few replicas, plan with --burstiness {of_counts:.1f}"
        )
    if found.rounded_times:
        lines.append("times are rounded; burstiness is taken from counts in parts of minutes")
    if found.requests < FEWEST_REQUESTS:
        lines.append(f"only {found.requests} requests: p99 of the lengths is uncertain")
    return tuple(lines)
