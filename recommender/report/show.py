"""Show a plan on standard output: colour on a terminal, none in a pipe or under NO_COLOR."""

import sys
from io import TextIOWrapper

from recommender.plan import Plan


def show_plan(plan: Plan, *, width: int | None = None) -> None:
    """Print the report; width is the terminal's, or 80 characters in a pipe, unless given."""
    from rich.console import Console

    from recommender.report.terminal import LEAST_WIDTH, print_plan

    make_output_safe()
    console = Console(width=width, highlight=False, emoji=False, markup=False)
    if console.width < LEAST_WIDTH:
        console = Console(width=LEAST_WIDTH, highlight=False, emoji=False, markup=False)
    print_plan(plan, console)


def make_output_safe() -> None:
    """On a terminal that cannot show a character, show a question mark instead of failing."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
