"""Report -> text for a terminal, with rich: reads at 60 columns and more, colour only where shown.

Texts are shown as they are: no markup, no emoji codes, no escape sequences are obeyed.
"""

from collections.abc import Iterator
from io import StringIO

from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text

from recommender.plan import Plan
from recommender.report.blocks import (
    Block,
    Comparison,
    FrontPlot,
    Items,
    Paragraph,
    Section,
    Table,
)
from recommender.report.column_widths import broken, fitted
from recommender.report.front_plot import front_plot
from recommender.report.printable import printable
from recommender.report.sections import sections

LEAST_WIDTH = 60
GAP = 2
"""Blanks between columns."""
LEAST_TEXT = 14
"""Narrowest column of texts that still reads well."""
LEAST_COLUMN = 24
"""Narrowest column of a comparison that still reads well."""

_STYLES = {"plain": "bold", "good": "bold green", "warning": "bold yellow", "bad": "bold red"}


def print_plan(plan: Plan, console: Console) -> None:
    """Write the report of a plan to a rich console."""
    print_sections(sections(plan, full=False), console)


def print_sections(parts: tuple[Section, ...], console: Console) -> None:
    """Write sections to a rich console."""
    for part in parts:
        style = _STYLES[part.tone]
        console.print(
            Rule(Text(printable(part.title), style), align="left", characters="-", style="dim")
        )
        for position, block in enumerate(part.blocks):
            if position and not isinstance(block, Paragraph):
                console.print()
            for renderable in _render(block, part, console.width):
                console.print(renderable)
        console.print()


def to_text(plan: Plan, *, width: int = 80) -> str:
    """The report as plain text without colour, `width` characters wide."""
    return sections_text(sections(plan, full=False), width=width)


def sections_text(parts: tuple[Section, ...], *, width: int = 80) -> str:
    """Sections as plain text without colour, and without blanks at the end of a line."""
    console = Console(
        file=StringIO(), width=max(width, LEAST_WIDTH), color_system=None, highlight=False
    )
    print_sections(parts, console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _render(block: Block, part: Section, width: int) -> Iterator[RenderableType]:
    match block:
        case Paragraph(text, strong):
            yield Text(printable(text), _STYLES[part.tone] if strong else "")
        case Items(items):
            mark, style = ("! ", "yellow") if part.tone == "warning" else ("- ", "")
            grid = RichTable.grid(padding=0)
            for item in items:
                grid.add_row(Text(mark, style), Text(printable(item), style))
            yield grid
        case Table():
            yield _table(block, width)
        case Comparison():
            yield from _comparison(block, width)
        case FrontPlot(points, p99_name):
            lines = front_plot(points, printable(p99_name), width - 4)
            yield Padding(Text("\n".join(lines)), (0, 0, 0, 2))


def _table(table: Table, width: int) -> RichTable:
    """Numbers keep their column whole; texts share what is left, where that is enough."""
    titles = [printable(column.title) for column in table.columns]
    texts = [[printable(cell.text) for cell in row] for row in table.rows]
    natural = [max(1, *map(len, column)) for column in zip(titles, *texts, strict=True)]
    numeric = [column.numeric for column in table.columns]
    widths = fitted(natural, numeric, width - GAP * (len(titles) - 1))
    too_wide = sum(widths) + GAP * (len(titles) - 1) > width
    if too_wide or any(w < min(n, LEAST_TEXT) for n, w in zip(natural, widths, strict=True)):
        return _stacked(titles, texts, table.marked, width)
    drawn = RichTable(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="dim")
    for title, is_number, column_width in zip(titles, numeric, widths, strict=True):
        justify: JustifyMethod = "right" if is_number else "left"
        drawn.add_column(Text(title), justify=justify, width=column_width, overflow="fold")
    for index, row in enumerate(texts):
        cells = ("\n".join(broken(t, w)) for t, w in zip(row, widths, strict=True))
        drawn.add_row(*map(Text, cells), style="bold" if index in table.marked else "")
    return drawn


def _stacked(
    titles: list[str], texts: list[list[str]], marked: frozenset[int], width: int
) -> RichTable:
    """Rows below each other, for a screen too narrow to hold them side by side.

    Titles can be names of any length: they take half of the width at most.
    """
    title_width = min(max(map(len, titles)), (width - GAP) // 2)
    room = width - title_width - GAP
    titles = ["\n".join(broken(title, title_width)) for title in titles]
    drawn = RichTable.grid(padding=(0, GAP, 0, 0))
    drawn.add_column(style="dim", width=title_width)
    drawn.add_column(overflow="fold")
    for index, row in enumerate(texts):
        style = "bold" if index in marked else ""
        for title, text in zip(titles, row, strict=True):
            if text:
                lines = "\n".join(broken(text, room))
                drawn.add_row(Text(title), Text(lines), style=style)
        if index < len(texts) - 1:
            drawn.add_row()
    return drawn


def _comparison(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    """As many things side by side as fit, the others below."""
    labels = [printable(label) for label, _ in comparison.attributes]
    label_width = max(len(label) for label in labels)
    together = max(1, (width - label_width) // (LEAST_COLUMN + GAP))
    for start in range(0, len(comparison.titles), together):
        if start:
            yield Text()
        several = len(comparison.titles) > 1
        drawn = RichTable(
            box=None,
            padding=(0, GAP, 0, 0),
            pad_edge=False,
            header_style="bold",
            show_header=several,
        )
        drawn.add_column("", style="dim", min_width=label_width, no_wrap=True)
        for title in comparison.titles[start : start + together]:
            drawn.add_column(Text(printable(title)), overflow="fold")
        for label, texts in zip(labels, (t for _, t in comparison.attributes), strict=True):
            shown = texts[start : start + together]
            drawn.add_row(label, *(Text(printable(text)) for text in shown))
        yield drawn
