"""One request on which pools win, and its plan; studies of small requests."""

from functools import cache

import pytest
from disaggregation_specs import SMALL, WINS

from recommender.deadline import deadline_in
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.engine import recommend
from recommender.plan import Plan
from recommender.request.spec_file import make_spec


@pytest.fixture(scope="session")
def won() -> Plan:
    """The plan with pools of a request on which they win."""
    return recommend(make_spec(WINS), front=False)


@cache
def _study(changes: tuple[tuple[str, str], ...]) -> Study:
    return study_of(make_spec(SMALL | dict(changes)), deadline=deadline_in(3600))


@pytest.fixture(scope="session")
def study():
    """Studies of a small request with changes."""

    def of(**changes: str) -> Study:
        return _study(tuple(sorted(changes.items())))

    return of
