"""Report -> GitHub-flavoured Markdown, for pull requests and wikis.

The first line is a hidden mark by which a bot finds the comment that it should update. Nothing in
a text becomes markup: every character that Markdown or HTML could act on is escaped.
"""

import re
from collections.abc import Iterable

from recommender.plan import Plan
from recommender.report.blocks import (
    Block,
    Cell,
    Comparison,
    FrontPlot,
    Items,
    Paragraph,
    Section,
    Table,
)
from recommender.report.front_plot import front_plot
from recommender.report.printable import printable
from recommender.report.sections import sections

MARK = "<!-- llm-hardware-recommender: plan -->"
PLOT_WIDTH = 72

_INLINE = (
    (re.compile(r"([\\`*\[|~$])"), r"\\\1"),
    (re.compile(r"(?<![^\W_])_|_(?![^\W_])"), r"\\_"),  # inside a word it is a letter
    (re.compile(r"&(?=[#\w])"), "&amp;"),
    (re.compile(r"<(?=[\w/!?])"), "&lt;"),
    (re.compile(r"@"), "@<!-- -->"),  # names nobody
)
_BLOCK_START = re.compile(r"^\s*(?:([-+=#>])|(\d+)([.)])(?=\s))")


def to_markdown(plan: Plan) -> str:
    """The whole report as Markdown."""
    parts = "\n".join(_section(part) for part in sections(plan))
    return f"{MARK}\n{parts}"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line, inside a table or after other text."""
    shown = printable(text)
    for pattern, replacement in _INLINE:
        shown = pattern.sub(replacement, shown)
    return shown


def escaped_line(text: str) -> str:
    """The same at the start of a line, where more characters are active."""
    return _BLOCK_START.sub(
        lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}",
        escaped(text).lstrip(),
    )


def _section(part: Section) -> str:
    level = "##" if part.name == "answer" else "###"
    blocks = "\n".join(_block(block, part) for block in part.blocks)
    return f"{level} {escaped(part.title)}\n\n{blocks}"


def _block(block: Block, part: Section) -> str:
    match block:
        case Paragraph(text, strong):
            return f"**{escaped(text)}**\n" if strong else f"{escaped_line(text)}\n"
        case Items(items):
            mark = "- \N{WARNING SIGN} " if part.tone == "warning" else "- "
            return "".join(f"{mark}{escaped_line(item)}\n" for item in items)
        case Table():
            return _table(block)
        case Comparison(titles, attributes):
            head = ["", *map(escaped, titles)]
            body = [[escaped(label), *map(escaped, texts)] for label, texts in attributes]
            return _grid([head, ["---"] * len(head), *body])
        case FrontPlot(points, p99_name):
            lines = front_plot(points, printable(p99_name), PLOT_WIDTH)
            return "".join(["\n", *(f"    {line}\n" for line in lines)]) if lines else ""


def _table(table: Table) -> str:
    titles = [escaped(column.title) for column in table.columns]
    rules = ["---:" if column.numeric else "---" for column in table.columns]
    lines = [_cells(row, strong=index in table.marked) for index, row in enumerate(table.rows)]
    return _grid([titles, rules, *lines])


def _cells(row: tuple[Cell, ...], *, strong: bool) -> list[str]:
    texts = [escaped(cell.text) for cell in row]
    return [f"**{text}**" if strong and text.strip() else text for text in texts]


def _grid(rows: Iterable[list[str]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
