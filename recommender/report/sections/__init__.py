"""The sections of a report, in the order in which a reader needs them."""

from recommender.plan import Plan
from recommender.report.blocks import Section
from recommender.report.sections.assumptions import assumptions
from recommender.report.sections.audit import audit, audit_summary
from recommender.report.sections.binding import binding
from recommender.report.sections.deployments import deployments
from recommender.report.sections.front import front
from recommender.report.sections.funnel import funnel
from recommender.report.sections.headline import headline
from recommender.report.sections.ledger import ledger
from recommender.report.sections.pools import pools
from recommender.report.sections.repairs import repairs
from recommender.report.sections.request import request
from recommender.report.sections.runners_up import runners_up
from recommender.report.sections.schedule import schedule
from recommender.report.sections.totals import totals
from recommender.report.sections.warnings import warnings

PLANNED = (
    headline,
    request,
    schedule,
    deployments,
    pools,
    totals,
    binding,
    ledger,
    runners_up,
    front,
    audit,
    funnel,
    assumptions,
    warnings,
)

NOT_PLANNED = (headline, request, binding, funnel, repairs, assumptions, warnings)
"""Without a plan, the reasons and the repairs come first."""


def sections(plan: Plan, *, full: bool = True) -> tuple[Section, ...]:
    """The report of a plan; what a plan does not hold has no section.

    Without `full`, promises that hold to the last digit are only counted.
    """
    writers = PLANNED if plan.totals is not None else NOT_PLANNED
    chosen = (audit_summary if write is audit and not full else write for write in writers)
    return tuple(section for write in chosen if (section := write(plan)) is not None)
