"""What a report is made of, before it is drawn: sections of paragraphs, lists, tables and a plot.

Sections know plans and no format; terminal, Markdown and HTML know blocks and no plan. Texts are
raw: each drawer makes them harmless for its own format.
"""

from dataclasses import dataclass
from typing import Literal

from recommender.plan import FrontPoint

Tone = Literal["plain", "good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list, one item a line."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of a table; `value` is what it sorts by, where its text would sort wrongly."""

    text: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers align right."""

    title: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of like things; `marked` rows are the chosen or the failing ones."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A few things side by side: one row per attribute, one column per thing."""

    titles: tuple[str, ...]
    attributes: tuple[tuple[str, tuple[str, ...]], ...]
    """(label, one text per thing)."""


@dataclass(frozen=True, slots=True)
class FrontPlot:
    """The front over cost and p99."""

    points: tuple[FrontPoint, ...]
    p99_name: str


Block = Paragraph | Items | Table | Comparison | FrontPlot


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the report; `name` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...]
    tone: Tone = "plain"
