"""Plan -> text in one of the formats, by name; each format is imported when it is used."""

from typing import Literal, get_args

from recommender.plan import Plan

Format = Literal["terminal", "md", "html", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)


def render(plan: Plan, form: Format, *, width: int = 80) -> str:
    """The report as text without colour; `width` is in characters, for the terminal's form."""
    match form:
        case "terminal":
            from recommender.report.terminal import to_text

            return to_text(plan, width=width)
        case "md":
            from recommender.report.markdown import to_markdown

            return to_markdown(plan)
        case "html":
            from recommender.report.html import to_html

            return to_html(plan)
        case "json":
            from recommender.report.json_plan import to_json

            return to_json(plan)
