"""What commands that give many answers have in common: failures named, and one exit code."""

from collections.abc import Iterator, Sequence

from recommender.plan import DECIDED

SHOWN = 5


def first_failures(failed: Sequence[tuple[str, str]], *, all_in: str) -> Iterator[str]:
    """The first failed ones with what is wrong; how many more there are, and where they stand."""
    for name, problem in failed[:SHOWN]:
        yield f"{name}: {problem}"
    if len(failed) > SHOWN:
        yield f"and {len(failed) - SHOWN:,} more; {all_in}"


def exit_code(statuses: Sequence[str]) -> int:
    """2 when one failed, else 4 when one is not decided, else 0."""
    if "failed" in statuses:
        return 2
    return 0 if all(status in DECIDED for status in statuses) else 4
