"""What would decide a replay that cannot tell: more requests, from where there can be more.

steady   longer than n / r, for n requests at r requests/s; 2,000,000 are the most
failure  of each time that is undecided: before, during and after it are as long as
         --fail-at and --hours say, and their repetitions are as many as are made
"""

from recommender.report import quantities as q
from recommender.verification.verification import Outage, Verification
from recommender.verification.verify import MOST_REQUESTS

CANNOT_TELL = "Not enough requests to tell: a target lies between the confidence limits."
_NEARLY = 0.9
"""Of the most requests: some of a replay are its lead, and are not counted."""


def undecided(found: Verification) -> str:
    """The verdict in words, with what helps."""
    said = (_of_failures(found.outages),) if found.outages else _of_replays(found)
    return " ".join((CANNOT_TELL, *filter(None, said)))


def _of_replays(found: Verification) -> tuple[str, ...]:
    open_ones = [r for r in found.replays if r.verdict_over_all == "undecided"]
    if not open_ones:
        return ("In the peak minute of the trace more requests would not tell.",)
    if any(replayed.requests >= _NEARLY * MOST_REQUESTS for replayed in open_ones):
        return (f"They are as many as are replayed, up to {q.count(MOST_REQUESTS)}.",)
    lasted_s = max((r.requests / r.requests_per_s for r in open_ones), default=0.0)
    return (f"Replay longer than these {_hours(lasted_s)} with --hours.",)


def _of_failures(outages: tuple[Outage, ...]) -> str:
    phases = {p.phase for outage in outages for p in outage.phases if p.verdict == "undecided"}
    for_good = any(outage.returns_s is None for outage in outages)
    ends = _hours(max(outage.ends_s for outage in outages))
    longer = f"replay longer than these {ends} with --hours"
    helps = {
        "before": "let the nodes fail later (--fail-at)",
        "during": longer if for_good else "give --fail-at a longer repair",
        "after": longer,
    }
    advice = (f"{when} the failure, {help_}" for when, help_ in helps.items() if when in phases)
    return f"To tell: {'; '.join(advice)}." if phases else ""


def _hours(seconds: float) -> str:
    return f"{q.significant(seconds / 3600.0, 2)} h"
