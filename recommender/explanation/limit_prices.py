"""What the limits of the whole plan cost: each left out alone, on the same rates.

price = cost of the plan - cost of the cheapest plan without that one limit

Where cost is minimised first; a limit that the cheapest plan keeps anyway costs nothing. A budget
has no price: it never makes the cheapest plan dearer.
"""

from collections.abc import Callable, Iterator
from typing import Any

from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.explanation.in_time import in_time
from recommender.plan import LedgerLine

FIELDS = {
    "power": "power_w",
    "max_accelerators": "max_accelerators",
    "max_nodes": "max_nodes",
    "max_types": "max_types",
    "carbon": "carbon_g_per_h",
    "min_zones": "min_zones",
    "min_providers": "min_providers",
    "max_provider_share": "max_provider_share",
    "min_utilisation": "min_utilisation",
}
"""Field of the spec -> of the question."""

Line = Callable[[str, str, float, Decision | None], LedgerLine]


def limit_prices(study: Study, line: Line, cost_usd_per_h: float) -> Iterator[LedgerLine]:
    """One line per limit that the spec states; `line` writes a margin and its price."""
    spec = study.request.spec
    if spec.goals[0].objective != "cost":
        return
    stated = spec.model_dump(mode="json", include=set(FIELDS), exclude_none=True)
    for name, field in FIELDS.items():
        if name in stated and getattr(study.question, field) is not None:
            flag = f"--{name.replace('_', '-')}"
            change: dict[str, Any] = {field: None}
            yield line(flag, str(stated[name]), cost_usd_per_h, in_time(study, **change))
