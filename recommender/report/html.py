"""Report -> one self-contained HTML page: works offline, asks nothing of any server.

Texts are escaped, and were one not, the page's content security policy runs no script but its
own (by hash). Style and script lie in templates/.
"""

import base64
import hashlib
from html import escape
from importlib.resources import files
from string import Template

from recommender.plan import SCHEMA_VERSION, Plan
from recommender.report.blocks import (
    Block,
    Cell,
    Column,
    Comparison,
    FrontPlot,
    Items,
    Paragraph,
    Section,
    Table,
)
from recommender.report.front_data import front_data
from recommender.report.front_plot import front_plot
from recommender.report.printable import printable
from recommender.report.sections import sections

PLOT_WIDTH = 72


def to_html(plan: Plan) -> str:
    """The whole report as one HTML document."""
    style, script = template("report.css"), template("report.js")
    return Template(template("report.html")).substitute(
        title=_text(f"Plan for {plan.model}: {plan.status}"),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        body="\n".join(_section(part) for part in sections(plan)),
        data=front_data(plan),
        version=_text(SCHEMA_VERSION),
    )


def template(name: str) -> str:
    """Text of a file in templates/."""
    return (files("recommender.report") / "templates" / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _text(text: str) -> str:
    return escape(printable(text))


def _section(part: Section) -> str:
    blocks = "\n".join(_block(block) for block in part.blocks)
    name, tone = _text(part.name), _text(part.tone)
    title = _text(part.title)
    return f'<section id="{name}" class="{tone}">\n<h2>{title}</h2>\n{blocks}\n</section>'


def _block(block: Block) -> str:
    match block:
        case Paragraph(text, strong):
            return f'<p class="strong">{_text(text)}</p>' if strong else f"<p>{_text(text)}</p>"
        case Items(items):
            return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in items)}</ul>"
        case Table():
            return _table(block)
        case Comparison():
            return _comparison(block)
        case FrontPlot(points, p99_name):
            drawing = "\n".join(front_plot(points, p99_name, PLOT_WIDTH))
            return f'<div class="plot"><pre>{escape(drawing)}</pre></div>'


def _table(table: Table) -> str:
    numeric = [_kind(column) for column in table.columns]
    heads = "".join(
        f'<th scope="col"{kind}><button type="button">{_text(column.title)}</button></th>'
        for kind, column in zip(numeric, table.columns, strict=True)
    )
    rows = []
    for index, row in enumerate(table.rows):
        cells = "".join(_cell(cell, kind) for cell, kind in zip(row, numeric, strict=True))
        rows.append(
            f'<tr class="marked">{cells}</tr>' if index in table.marked else f"<tr>{cells}</tr>"
        )
    body = "\n".join(rows)
    return (
        f'<div class="scroll"><table class="sortable"><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def _kind(column: Column) -> str:
    if column.numeric:
        return ' class="number"'
    return "" if column.title else ' class="mark"'


def _cell(cell: Cell, kind: str) -> str:
    value = "" if cell.value is None else f' data-value="{cell.value!r}"'
    return f"<td{kind}{value}>{_text(cell.text)}</td>"


def _comparison(comparison: Comparison) -> str:
    several = len(comparison.titles) > 1
    titles = "".join(f'<th scope="col">{_text(title)}</th>' for title in comparison.titles)
    head = f"<thead><tr><th></th>{titles}</tr></thead>\n" if several else ""
    rows = []
    for label, texts in comparison.attributes:
        part = ' class="part"' if label.startswith(" ") else ""
        cells = "".join(f"<td>{_text(text)}</td>" for text in texts)
        rows.append(f'<tr><th scope="row"{part}>{_text(label)}</th>{cells}</tr>')
    body = "\n".join(rows)
    return (
        f'<div class="scroll"><table class="comparison">{head}<tbody>{body}</tbody></table></div>'
    )
