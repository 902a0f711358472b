"""Every spec of the worked problems is read, solved and audited clean."""

from pathlib import Path

import pytest

import problems.single_service as single_service
from recommender.engine import recommend
from recommender.request.spec_file import make_spec, read_spec_file

SPECS = sorted((Path(single_service.__file__).parent / "specs").glob("*.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_spec_is_solved_and_audited(path):
    spec = make_spec(read_spec_file(path) | {"fast": True})
    plan = recommend(spec, front=False, explain=False)
    assert plan.status == "optimal", plan.binding
    assert [finding for finding in plan.audit if not finding.holds] == []
