"""The front in characters."""

from dataclasses import replace

import pytest
from sample_plan import FRONT, PLAN

from recommender.report.blocks import FrontPlot
from recommender.report.front_plot import ROWS, front_plot
from recommender.report.sections import sections


@pytest.mark.parametrize("width", [40, 60, 100])
def test_fits(width: int) -> None:
    """Exactly one chosen mark; no line wider than asked."""
    lines = front_plot(FRONT, "TTFT p99", width)
    assert max(map(len, lines)) <= width
    drawn = lines[1 : 1 + ROWS]
    assert sum(line.count("*") for line in drawn) == 1


def test_corners() -> None:
    """Cheapest is left, dearest right; slowest on top, fastest at the bottom."""
    cheap = replace(FRONT[0], cost_usd_per_h=10.0, p99_s=0.2, chosen=False)
    dear = replace(FRONT[0], cost_usd_per_h=20.0, p99_s=0.1, chosen=True)
    lines = front_plot((cheap, dear), "TTFT p99", 40)
    assert lines[1].strip() == "200 ms |o"
    assert lines[ROWS].startswith("100 ms |") and lines[ROWS].endswith("*")
    assert len(lines[ROWS]) == len(lines[ROWS + 1])
    assert "$10.00/h" in lines[-1] and lines[-1].endswith("$20.00/h")


def test_wide_costs_are_logarithmic() -> None:
    """$10, $100 and $1,000 are equally far apart."""
    costs = (10.0, 100.0, 1000.0)
    points = [replace(FRONT[1], cost_usd_per_h=c, p99_s=1 / c) for c in costs]
    lines = front_plot(points, "p99", 50)
    assert "logarithmic" in lines[0]
    left, middle, right = sorted(line.index("o") for line in lines[1:] if "o" in line)
    assert abs((right - middle) - (middle - left)) <= 1


def test_nothing_to_compare() -> None:
    """One point is no front; equal points are one place."""
    assert front_plot(FRONT[:1], "p99", 60) == []
    assert any("*" in line for line in front_plot((FRONT[0], FRONT[0]), "p99", 60)[1:])


def test_one_point_is_not_drawn() -> None:
    """The plot of a front of one point was three blank lines."""
    (section,) = (s for s in sections(replace(PLAN, front=PLAN.front[:1])) if s.name == "front")
    assert not any(isinstance(block, FrontPlot) for block in section.blocks)
    (section,) = (s for s in sections(PLAN) if s.name == "front")
    assert any(isinstance(block, FrontPlot) for block in section.blocks)
