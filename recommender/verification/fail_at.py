"""`--fail-at TIME[:REPAIR[:NOTICED]]`: when nodes go down in a replay, how long the repair takes,
and how long requests are still sent to them.
"""

from recommender.errors import SpecError
from recommender.request import quantity
from recommender.verification.outage import Failure

LEAST_BEFORE_S = 60.0
_AFTERWARDS_S = 600.0
_WITHOUT_REPAIR_S = 1800.0
_PEAK = "peak"


def failure_at(text: str, *, failures: int, hours: float, peak_s: float | None = None) -> Failure:
    """The failure that the flag describes; SpecError says what would be right.

    Without a repair (`10min`, `10min::15s`) the nodes stay down to the end, half an hour later or
    after `hours`. `peak` in place of the time is the start of the busiest minute of a trace,
    `peak_s`. Failures are noticed at once unless a third part says after how long.
    """
    when, repair, noticed = (*text.split(":", 2), "", "")[:3]
    fails_s = _peak(peak_s) if when.strip() == _PEAK else _duration(when, text)
    if fails_s < LEAST_BEFORE_S:
        raise SpecError(
            f"--fail-at {text}: nodes fail after {fails_s:g} s; one minute at least is needed to "
            "measure the time before"
        )
    repair_s = _duration(repair, text) if repair else None
    unnoticed_s = _duration(noticed, text) if noticed else 0.0
    if repair_s is None:
        end_s = fails_s + _WITHOUT_REPAIR_S
    else:
        end_s = fails_s + repair_s + max(repair_s, _AFTERWARDS_S)
    if unnoticed_s >= (repair_s or _WITHOUT_REPAIR_S):
        raise SpecError(f"--fail-at {text}: noticed after {unnoticed_s:g} s, when it is over")
    return Failure(
        failures=max(failures, 1),
        fails_s=fails_s,
        repair_s=repair_s,
        end_s=max(end_s, hours * 3600.0),
        unnoticed_s=unnoticed_s,
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
