"""What the limits of the whole plan cost: each left out alone, on the same rates.

price = cost of the plan - cost of the cheapest plan without that one limit

Where cost is minimised first; a limit that the cheapest plan keeps anyway costs nothing. A budget
has no price: it never makes the cheapest plan dearer.

A price that rests on closed forms is looked for again with simulated rates, as far as the time
suffices: among hundreds of kinds the cheapest is one whose closed form is too good, and a cap that
costs 22 $/h was said to cost 62.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.explanation.closed_rates import uses_closed_forms
from recommender.explanation.in_time import AT_LEAST, in_time, is_unproven
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
    thawed: Study | None = None
    stated = spec.model_dump(mode="json", include=set(FIELDS), exclude_none=True)
    for name, field in FIELDS.items():
        if name in stated and getattr(study.question, field) is not None:
            flag = f"--{name.replace('_', '-')}"
            change: dict[str, Any] = {field: None}
            price = partial(line, flag, str(stated[name]), cost_usd_per_h)
            found = in_time(study, **change)
            if found is not None and found.purchase and uses_closed_forms(study, found):
                thawed = thawed or study.with_rates(study.rates.thawed())
                again = in_time(thawed, **change)
                if again is not None and again.purchase and not again.is_open:
                    yield replace(price(again), note=AT_LEAST if is_unproven(again) else "")
                    continue
            yield price(found)
