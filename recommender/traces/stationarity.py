"""Whether one rate describes a trace, and what to do when it does not.

A plan is sized for one rate with renewal arrivals. That is unsafe when the rate itself moves
within minutes: peak minute above twice the mean, or a variation v_60 of the rate above 0.5
(`statistics`). Azure's conversations have 1.5 and 0.2, its code completions 4.1 and 1.0.
"""

from recommender.traces.statistics import TraceStatistics

MOST_PEAK_TO_MEAN = 2.0
MOST_RATE_VARIATION = 0.5
MOST_BURSTINESS = 2.0
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
    if found.rounded_times:
        lines.append("times are rounded; burstiness is taken from counts in parts of minutes")
    if found.requests < FEWEST_REQUESTS:
        lines.append(f"only {found.requests} requests: p99 of the lengths is uncertain")
    return tuple(lines)
