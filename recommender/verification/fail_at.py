"""`--fail-at TIME[:REPAIR]`: when nodes go down in a replay, and how long the repair takes."""

from recommender.errors import SpecError
from recommender.request import quantity
from recommender.verification.outage import Failure

LEAST_BEFORE_S = 60.0
_AFTERWARDS_S = 600.0
_WITHOUT_REPAIR_S = 1800.0
_PEAK = "peak"


def failure_at(text: str, *, failures: int, hours: float, peak_s: float | None = None) -> Failure:
    """The failure that the flag describes; SpecError says what would be right.

    Without a repair the nodes stay down to the end, half an hour later or after `hours`. `peak` in
    place of the time is the start of the busiest minute of a trace, `peak_s`.
    """
    when, _, repair = text.partition(":")
    fails_s = _peak(peak_s) if when.strip() == _PEAK else _duration(when, text)
    if fails_s < LEAST_BEFORE_S:
        raise SpecError(
            f"--fail-at {text}: nodes fail after {fails_s:g} s; one minute at least is needed to "
            "measure the time before"
        )
    repair_s = _duration(repair, text) if repair else None
    if repair_s is None:
        end_s = fails_s + _WITHOUT_REPAIR_S
    else:
        end_s = fails_s + repair_s + max(repair_s, _AFTERWARDS_S)
    return Failure(
        failures=max(failures, 1),
        fails_s=fails_s,
        repair_s=repair_s,
        end_s=max(end_s, hours * 3600.0),
    )


def _duration(text: str, whole: str) -> float:
    try:
        return quantity.duration_s(text)
    except ValueError as error:
        raise SpecError(f"--fail-at {whole}: {error}; right would be 10min:30min") from None


def _peak(peak_s: float | None) -> float:
    if peak_s is None:
        raise SpecError("--fail-at peak needs --trace: only a trace has a busiest minute")
    return max(peak_s, LEAST_BEFORE_S)
