"""The published schemas accept what is written and refuse what the reader refuses."""

import json

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from plan_strategy import plans
from sample_plan import INFEASIBLE, PLAN

from recommender.commands.schema_command import command
from recommender.plan import Plan
from recommender.report.json_plan import to_json
from recommender.report.json_schema import plan_schema

VALIDATOR = jsonschema.Draft202012Validator(plan_schema())


def test_is_a_schema() -> None:
    """The schema obeys the schema of schemas."""
    jsonschema.Draft202012Validator.check_schema(plan_schema())


@pytest.mark.parametrize("plan", [PLAN, INFEASIBLE], ids=["plan", "infeasible"])
def test_samples_are_valid(plan: Plan) -> None:
    """Both samples."""
    VALIDATOR.validate(json.loads(to_json(plan)))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_any_plan_is_valid(plan: Plan) -> None:
    """Whatever is written, the schema accepts."""
    VALIDATOR.validate(json.loads(to_json(plan)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema_version",), "0"),
        (("status",), "fine"),
        (("plan", "totals", "nodes"), 1.5),
        (("plan", "deployments", 0, "tp"), "4"),
        (("front", 0, "chosen"), 1),
        (("surprise",), 1),
    ],
)
def test_damage_is_invalid(path: tuple[str | int, ...], value: object) -> None:
    """Wrong types, unknown keys, another version."""
    document = json.loads(to_json(PLAN))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(document)


def test_command_prints_both() -> None:
    """`recommend schema plan` and `recommend schema spec`."""
    plan = json.loads(CliRunner().invoke(command, ["plan"]).stdout)
    assert plan["properties"]["schema_version"] == {"const": "1"}
    spec = json.loads(CliRunner().invoke(command, ["spec"]).stdout)
    assert {"model", "qps", "p99"} <= set(spec["properties"])
    assert CliRunner().invoke(command, ["other"]).exit_code == 2
