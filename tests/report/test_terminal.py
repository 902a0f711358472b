"""The terminal report: order, width, completeness, and nothing obeyed that came from input."""

import re
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_strategy import json_values, plans
from rich.console import Console
from sample_plan import INFEASIBLE, PLAN, TP4

from recommender.plan import Plan
from recommender.report.blocks import Cell, Column, Section, Table
from recommender.report.terminal import print_plan, print_sections, sections_text, to_text

WIDTHS = [60, 80, 120]

ORDER = [
    "Answer",
    "Request, as it was read",
    "Plan",
    "Totals",
    "Why it won",
    "Margins and their price",
    "Runners-up and what they lose",
    "Pareto front: cost, p99, nameplate power",
    "Audit",
    "What was left out",
    "Assumptions",
    "Warnings",
]


@pytest.mark.parametrize("width", WIDTHS)
def test_fits_the_width(width: int) -> None:
    """No line is wider than the terminal, and nothing is cut with an ellipsis."""
    text = to_text(PLAN, width=width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_are_whole(width: int) -> None:
    """Every figure stands on one line, at any width."""
    text = to_text(PLAN, width=width)
    figures = "$4,544/h $3.32M/month 83.3 18,234 1,104 9,120 5,870 1.41 $5,984 95.1 +19.5 $44.00"
    for figure in figures.split():
        assert figure in text, figure


def test_sections_come_in_reading_order() -> None:
    """The answer first, warnings last."""
    titles = re.findall(r"^(.+?) -{3,}$", to_text(PLAN), re.MULTILINE)
    assert titles == ORDER


def test_headline_says_it_all() -> None:
    """What to get, at which price, what it promises, and the proof, in one sentence."""
    words = " ".join(to_text(PLAN).split())
    assert (
        "96 x 8xB200 180GB SXM at nebius + 4 x 8xH200 141GB SXM at oci = 800 accelerators, "
        "$4,544/h ($3.32M/month), TTFT p99 191 ms of 200 ms, survives 1 node; "
        "proven optimal by exact:branch-and-bound, mathopt:SCIP."
    ) in words
    assert "2 warnings" in words


def test_request_is_read_back() -> None:
    """Which model an alias was taken for, and what --p99 means."""
    words = " ".join(to_text(PLAN).split())
    assert "'236b' was taken as deepseek-ai/DeepSeek-V2" in words
    assert "--p99 200ms was read as TTFT p99 <= 200 ms" in words
    assert "with TPOT p99 <= 50 ms" in words
    assert "the level that" not in words


def test_a_level_that_was_sought_is_not_what_was_asked() -> None:
    """--minimize latency tightens the first target: the report says which limit is its own."""
    spec = PLAN.spec | {"minimize": "cost,latency:2%"}
    words = " ".join(to_text(replace(PLAN, spec=spec)).split())
    assert "the level of a grid that --minimize cost,latency:2% came to" in words


@pytest.mark.parametrize(
    ("status", "proof", "gap", "words"),
    [
        ("optimal", "one solver", 0.0, "optimal according to one solver"),
        ("feasible", "", 0.031, "not proven best: a plan at most 3.1 % cheaper may exist"),
        ("feasible", "", None, "not proven best"),
    ],
)
def test_certainty_is_not_overstated(
    status: str, proof: str, gap: float | None, words: str
) -> None:
    """Only a proof by two methods is called one."""
    text = to_text(replace(PLAN, status=status, proof=proof, gap=gap))
    assert words in " ".join(text.split())
    assert "proven optimal" not in text


@pytest.mark.parametrize(
    ("minimize", "words"),
    [
        ("carbon", "a plan with at most 3.1 % less carbon may exist"),
        ("nodes,cost", "a plan with at most 3.1 % fewer nodes may exist"),
        ("cost,power:2%", "a plan at most 3.1 % cheaper may exist"),
    ],
)
def test_a_gap_is_of_what_is_minimised_first(minimize: str, words: str) -> None:
    """A plan with less carbon may be a dearer one."""
    spec = PLAN.spec | {"minimize": minimize}
    text = to_text(replace(PLAN, spec=spec, status="feasible", proof="", gap=0.031))
    assert words in " ".join(text.split())


def test_infeasible_gives_reasons_and_repairs() -> None:
    """Reasons with their nearest miss, then what would make it possible."""
    text = to_text(INFEASIBLE)
    assert "No plan meets this request" in text
    stops, misses = text.index("What stops it"), text.index("What was left out")
    assert stops < misses < text.index("What would make it possible")
    assert "idle TTFT p99 212 ms > 200 ms" in text


def test_many_deployments_are_stacked() -> None:
    """Ten deployments at 60 columns: all there, none squeezed."""
    text = to_text(replace(PLAN, deployments=(TP4,) * 10), width=60)
    assert all(f"deployment {i}" in text for i in range(1, 11))
    assert max(len(line) for line in text.splitlines()) <= 60


def test_audit_shows_what_tells_something() -> None:
    """Figures that agree are counted; those that differ are shown; all are in other formats."""
    text = to_text(PLAN)
    assert "All 5 promises hold" in text
    assert "4 of them to the last digit shown; the others:" in " ".join(text.split())
    assert "2,376 requests/s" in text and "141 GiB" not in text.split("Audit")[1]


def test_a_broken_promise_is_loud() -> None:
    """It comes first, and the summary says so."""
    broken = replace(PLAN.audit[-1], holds=False)
    text = to_text(replace(PLAN, audit=(*PLAN.audit[:-1], broken)))
    words = " ".join(text.split())
    assert "1 of 5 promises do NOT hold" in words
    assert text.index("BROKEN") < text.index("survives 1 node ")


def test_narrow_tables_are_stacked() -> None:
    """At 60 columns a ledger row is a block of lines, its figures whole."""
    lines = to_text(PLAN, width=60).splitlines()
    start = lines.index("margin        model error")
    assert lines[start + 2].split(maxsplit=2) == ["its", "price", "$452/h (9.95 %)"]


def test_no_colour_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file gets plain text; a terminal gets colour, but not under NO_COLOR."""

    def escapes(*, terminal: bool) -> int:
        console = Console(file=StringIO(), force_terminal=terminal, width=80)
        print_plan(PLAN, console)
        return console.file.getvalue().count("\x1b[3")  # type: ignore[attr-defined]

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert escapes(terminal=False) == 0
    assert escapes(terminal=True) > 0
    monkeypatch.setenv("NO_COLOR", "1")
    assert escapes(terminal=True) == 0


def test_hostile_names_are_shown_not_obeyed() -> None:
    """Escape sequences, markup and direction overrides stay text."""
    name = "[red]x[/red]\x1b[2J\x1b]0;t\x07:smile:\u202eevil"
    text = to_text(replace(PLAN, warnings=(name,)), width=120)
    assert "[red]x[/red]" in text and ":smile:" in text
    assert not set("\x1b\x07\u202e") & set(text)


def test_a_title_wider_than_the_screen() -> None:
    """It is broken like any other text; without room for a value, breaking once never ended."""
    table = Table((Column("name " * 60), Column("")), ((Cell("a value"), Cell("")),) * 2)
    console = Console(file=StringIO(), width=60, color_system=None)
    print_sections((Section("wide", "Wide", (table,)),), console)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 60
    assert sum("a value" in line for line in lines) == 2


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_any_plan_has_a_report(plan: Plan) -> None:
    """No content of a plan stops its report."""
    assert to_text(plan)


def test_figures_wider_than_the_screen_keep_their_row_labels() -> None:
    """They stand below each other: beside each other, the labels had no column left."""
    columns = (Column("d1"), *(Column(f"p{n}", numeric=True) for n in (50, 90, 99, 99.9)))
    cells = tuple(Cell("123.4 ms \N{PLUS-MINUS SIGN} 12 %") for _ in range(4))
    table = Table(columns, ((Cell("TTFT"), *cells), (Cell("TPOT"), *cells)))
    text = sections_text((Section("wide", "Wide", (table,)),), width=60)
    assert "d1     TTFT" in text and "d1     TPOT" in text
    assert max(map(len, text.splitlines())) <= 60
    assert all(line == line.rstrip() for line in text.splitlines())
    wide = sections_text((Section("wide", "Wide", (table,)),), width=100)
    assert sum("TTFT" in line and line.count("12 %") == 4 for line in wide.splitlines()) == 1


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["survive", "redundancy", "minimize", "p99", "qps", "profile", "model"]),
    json_values,
)
def test_any_spec_in_a_plan_has_a_report(key: str, value: object) -> None:
    """What a damaged file holds where a spec is expected is shown, or left out."""
    assert to_text(replace(PLAN, spec={**PLAN.spec, key: value}))


def test_nodes_that_differ_in_region_alone_are_one_sum_in_the_headline() -> None:
    """96 in one region and 4 in another: the plan below has both, the sentence their 100."""
    elsewhere = f"{TP4.offer}/elsewhere"
    host = replace(TP4, name="d2", offer=elsewhere, nodes=4)
    nodes = (PLAN.nodes[0], replace(PLAN.nodes[0], offer=elsewhere, nodes=4))
    text = to_text(replace(PLAN, deployments=(TP4, host), nodes=nodes))
    answer = " ".join(text.split(" Request, as it was read ")[0].split())
    assert "100 x 8xB200 180GB SXM at nebius = " in answer


def test_deployments_that_do_not_fit_side_by_side_stand_apart() -> None:
    """A blank line between the last row of some and the titles of the next."""
    three = tuple(replace(TP4, name=f"d{i}") for i in (1, 2, 3))
    lines = to_text(replace(PLAN, deployments=three), width=80).splitlines()
    (third,) = (i for i, line in enumerate(lines) if line.strip() == "deployment 3")
    assert not lines[third - 1].strip() and lines[third - 2].startswith("rates are")
