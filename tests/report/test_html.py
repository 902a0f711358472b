"""The HTML report: one file, no request, well formed, nothing in a name becomes markup."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from plan_strategy import plans
from sample_plan import FRONT, INFEASIBLE, PLAN

from recommender.plan import Plan
from recommender.report.html import template, to_html

VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&<!--"


class Reader(HTMLParser):
    """Collects elements and checks that every one is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_is_well_formed_and_complete() -> None:
    """Every section is there; every element is closed."""
    reader = Reader(to_html(PLAN))
    names = [attributes["id"] for tag, attributes in reader.seen if tag == "section"]
    expected = (
        "answer request plan totals why ledger runners-up front audit funnel assumptions warnings"
    )
    assert names == expected.split()


def test_asks_nothing_of_any_server() -> None:
    """No element that loads; the policy forbids it too."""
    page = to_html(PLAN)
    for tag, attributes in Reader(page).seen:
        assert not {"src", "href", "srcset", "action", "data", "style"} & set(attributes), tag
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", page)
    assert set(re.findall(r"https?://[^\s\"']+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xhtml",
    }  # names of element kinds, never loaded


def test_policy_allows_exactly_our_script() -> None:
    """The hash in the policy is that of the script in the page."""
    page = to_html(PLAN)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


@pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript engine here")
def test_script_is_javascript(tmp_path: Path) -> None:
    """A JavaScript engine can read it."""
    path = tmp_path / "report.js"
    path.write_text(template("report.js"))
    subprocess.run(["node", "--check", str(path)], check=True)


def test_front_data_reaches_the_plot() -> None:
    """All points, in the plot's units: 191.27 ms, 1413.6 kW."""
    page = to_html(PLAN)
    (text,) = re.findall(r'id="front-data">(.*?)</script>', page, re.DOTALL)
    points = json.loads(text)["points"]
    assert len(points) == len(FRONT)
    values = {"cost": 4544.0, "p99": 191.27, "power": 1413.6, "loss": 0.3}
    assert points[0]["values"] == pytest.approx(values)
    assert points[0]["texts"]["p99"] == "191 ms"


def test_hostile_names_are_text() -> None:
    """Script in any name stays text: in tables, in the title and in the data of the plot."""
    hostile = replace(
        PLAN,
        model=HOSTILE,
        warnings=(HOSTILE,),
        front=(replace(FRONT[0], plan=HOSTILE), FRONT[1]),
        deployments=(replace(PLAN.deployments[0], provider=HOSTILE),),
    )
    reader = Reader(to_html(hostile))
    assert sum(tag == "script" for tag, _ in reader.seen) == 2
    assert not any(tag == "img" for tag, _ in reader.seen)
    assert "".join(reader.texts).count("alert(1)") >= 6


def test_infeasible_has_no_plot() -> None:
    """Reasons and repairs instead."""
    page = to_html(INFEASIBLE)
    Reader(page)
    assert 'class="plot"' not in page
    assert "What would make it possible" in page


def test_tables_sort_by_number() -> None:
    """$4,544 sorts as 4544."""
    assert 'data-value="4544.0"' in to_html(PLAN)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_any_plan_has_a_page(plan: Plan) -> None:
    """No content of a plan breaks its page."""
    Reader(to_html(plan))


def test_names_of_rows_wrap_on_a_phone() -> None:
    """Else a long name leaves its value one letter a line."""
    narrow = to_html(PLAN).split("@media (max-width: 640px)")[1]
    assert "tbody th { white-space: normal; }" in narrow.split("footer")[0]
