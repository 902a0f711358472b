"""The front as JSON for the plot of the HTML page, harmless inside a script element."""

import json
from typing import Any

from recommender.plan import FrontPoint, Plan
from recommender.report import quantities as q
from recommender.report.asked import primary_name
from recommender.report.printable import printable
from recommender.units import KILO, MILLI

MOST_S = 1e300
"""Keeps the plot's numbers finite whatever a plan file holds."""


def front_data(plan: Plan) -> str:
    """Axes with their units, and points with a value and a text for each axis."""
    rated = any(point.quality is not None for point in plan.front)
    loss = "short of the best model" if rated else "quality loss"
    axes = [
        {"key": "cost", "name": "cost", "unit": "$/h"},
        {"key": "p99", "name": printable(primary_name(plan)), "unit": "ms"},
        {"key": "power", "name": "power", "unit": "kW"},
        {"key": "loss", "name": loss, "unit": "%"},
    ]
    text = json.dumps({"axes": axes, "points": [_point(p) for p in plan.front]}, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _point(point: FrontPoint) -> dict[str, Any]:
    return {
        "chosen": point.chosen,
        "plan": printable(point.plan),
        "values": {
            "cost": point.cost_usd_per_h,
            "p99": max(-MOST_S, min(point.p99_s, MOST_S)) / MILLI,
            "power": point.power_w / KILO,
            "loss": point.quality_loss_pct,
        },
        "texts": {
            "cost": q.dollars_per_hour(point.cost_usd_per_h),
            "p99": q.duration(point.p99_s),
            "power": q.power(point.power_w),
            "loss": q.percent(point.quality_loss_pct),
        },
    }
