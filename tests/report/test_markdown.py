"""The Markdown report: same content, nothing in a name becomes markup."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from plan_strategy import plans
from sample_plan import INFEASIBLE, PLAN

from recommender.plan import Plan
from recommender.report.markdown import MARK, escaped, escaped_line, to_markdown

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def test_a_bot_can_find_its_comment() -> None:
    """The hidden mark comes first."""
    assert to_markdown(PLAN).startswith(MARK)


def test_renders_as_headings_and_tables() -> None:
    """A renderer sees 12 headings and every table as one."""
    tokens = [token.type for token in GITHUB.parse(to_markdown(PLAN))]
    assert tokens.count("heading_open") == 12
    assert tokens.count("table_open") == 9
    assert tokens.count("code_block") == 1  # the plot


def test_infeasible_has_repairs() -> None:
    """What would make it possible, with its witness."""
    assert "What would make it possible" in to_markdown(INFEASIBLE)


@pytest.mark.parametrize(
    "text",
    [
        "*a*",
        "_a_",
        "`a`",
        "[a](b)",
        "<b>a</b>",
        "a|b",
        "a\\|b",
        "~~a~~",
        "&lt;",
        "![a](b)",
        "<!-- a",
    ],
)
def test_markup_in_names_is_shown(text: str) -> None:
    """What a reader sees is the name itself."""
    (inline,) = (t for t in GITHUB.parse(escaped_line(text)) if t.type == "inline")
    assert inline.children is not None
    assert "".join(child.content for child in inline.children) == text


@pytest.mark.parametrize("text", ["- a", "1. a", "12) a", "# a", "> a", "+ a", "=== ", "    a"])
def test_names_start_no_block(text: str) -> None:
    """Lists, headings and quotes are the report's, not the input's."""
    kinds = {t.type for t in GITHUB.parse(f"{escaped_line(text)}\n")}
    assert kinds == {"paragraph_open", "inline", "paragraph_close"}


@given(st.text(max_size=30))
def test_cells_stay_in_their_row(text: str) -> None:
    """Whatever a name holds, a row of two cells has two cells."""
    table = f"| a | b |\n| --- | --- |\n| x{escaped(text)}x | y |\n"
    kinds = [t.type for t in GITHUB.parse(table)]
    assert kinds.count("td_open") == 2 and kinds.count("tr_open") == 2


def test_mentions_nobody() -> None:
    """A name with @ does not call a person."""
    assert "@octocat" not in to_markdown(replace(PLAN, warnings=("@octocat",)))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_any_plan_has_markdown(plan: Plan) -> None:
    """No content of a plan stops its report."""
    assert to_markdown(plan).startswith(MARK)
