"""Checks beyond the schema: physics, references, duplicates, dates, prices.

`check` returns findings; an `error` is a row that must not be shipped, a `warning` one to look at.
"""

import datetime

from catalog.catalog import Catalog
from catalog.check.accelerators import check_accelerators, check_chassis
from catalog.check.finding import Finding
from catalog.check.models import check_models
from catalog.check.offers import check_offers
from catalog.check.references import check_references

__all__ = ["Finding", "check"]


def check(catalog: Catalog, today: datetime.date | None = None) -> list[Finding]:
    """Everything that is wrong or doubtful in a catalogue, errors first.

    Prices of an overlay may be younger than the catalogue; a date after `today` (None is the
    calendar's) is an error.
    """
    latest = max(catalog.as_of, today or datetime.date.today())
    findings = [
        *check_accelerators(catalog),
        *check_chassis(catalog),
        *check_offers(catalog, latest),
        *check_models(catalog),
        *check_references(catalog, latest),
    ]
    return sorted(findings, key=lambda finding: finding.severity != "error")
