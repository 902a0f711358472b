"""Show a plan on standard output: colour on a terminal, none in a pipe or under NO_COLOR."""

import sys
from typing import TYPE_CHECKING

from recommender.plan import Plan

if TYPE_CHECKING:
    from recommender.report.blocks import Section


MOST_WIDTH = 400
"""Wider lines are of use to nobody, whatever COLUMNS says."""


def show_plan(plan: Plan, *, width: int | None = None) -> None:
    """Print the report; width is the terminal's, or 80 characters in a pipe, unless given."""
    from rich.console import Console

    from recommender.report.terminal import LEAST_WIDTH, print_plan, to_text

    console = Console(width=width)
    if not console.is_terminal:
        sys.stdout.write(to_text(plan, width=min(console.width, MOST_WIDTH)))
    else:
        print_plan(plan, Console(width=min(max(console.width, LEAST_WIDTH), MOST_WIDTH)))


def show_sections(parts: "tuple[Section, ...]") -> None:
    """Print some sections of a report; 80 characters wide in a pipe."""
    from rich.console import Console

    from recommender.report.terminal import LEAST_WIDTH, print_sections, sections_text

    console = Console()
    if not console.is_terminal:
        sys.stdout.write(sections_text(parts, width=min(console.width, MOST_WIDTH)))
    else:
        print_sections(parts, Console(width=min(max(console.width, LEAST_WIDTH), MOST_WIDTH)))
