"""What an optimum over a day of bursts rests on: one share of its rate for all kinds per period."""

from collections.abc import Iterator

from recommender.request.request import Request


def day_condition(request: Request) -> Iterator[str]:
    """One sentence where a replica carries less of its rate in quieter periods."""
    quieter = request.workload.quieter
    if quieter:
        said = ", ".join(f"{share:.0%} at {rate:.3g}/s" for rate, share in quieter)
        yield (
            f"condition: of bursts every kind is taken to carry the same share of its rate in a "
            f"quieter period ({said}): the optimum is that of plans with these shares; kinds that "
            "hold more could be combined for a few percent less"
        )
