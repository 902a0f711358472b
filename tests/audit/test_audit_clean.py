"""The audit finds nothing on plans of the engine, and stands on its own feet."""

import ast
from pathlib import Path

import pytest
from audited_requests import ASKED

import recommender.audit as audit_package
from recommender.audit import audit


@pytest.mark.parametrize("name", ASKED)
def test_clean(name, planned, facts):
    plan, spec = planned(name)
    assert plan.status == "optimal"
    findings = audit(plan, spec, facts, replay=False)
    assert [f for f in findings if not f.holds] == []
    assert len(findings) > 30
    assert len({f.promise for f in findings}) == len(findings)  # each promise has its own name


def test_the_plan_carries_its_audit(planned, facts):
    plan, spec = planned("8b")
    assert plan.audit == audit(plan, spec, facts, replay=False)


def test_clean_in_replay(simulated, facts):
    plan, spec = simulated
    findings = audit(plan, spec, facts, replay=True)
    assert [f for f in findings if not f.holds] == []
    assert any("replayed at its largest rate" in f.promise for f in findings)


def test_every_margin_promised_is_looked_at(planned, facts):
    """Promises that a plan with all limits must have on its list."""
    plan, spec = planned("limited")
    promises = " | ".join(f.promise for f in audit(plan, spec, facts, replay=False))
    for words in (
        "cost per hour",
        "cost per month",
        "budget",
        "power limit",
        "most nodes",
        "most accelerators",
        "most accelerator types",
        "bandwidth",
        "covers peak and headroom",
        "worst 2 node(s) lost",
        "weights per accelerator",
        "memory",
        "KV cache",
        "TTFT p99",
        "TPOT p99",
        "quality loss",
        "nameplate power",
        "energy",
        "stands on a node",
    ):
        assert words in promises


FOLDER = Path(audit_package.__file__).parent
FORBIDDEN = (
    "recommender.program",
    "recommender.formulation",
    "recommender.solvers",
    "recommender.enumeration.enumeration",
    "recommender.sizing",
    "recommender.assembly.assemble",
    "recommender.decision.decider",
    "recommender.decision.decision",
    "recommender.engine",
    "recommender.fronts.front",
    "recommender.decision.rates",
    "recommender.performance.memory",
    "recommender.performance.roofline",
    "recommender.performance.validity",
    "recommender.queueing.latency",
    "recommender.queueing.largest_rate",
    "recommender.queueing.capacity",
    "recommender.queueing.percentiles",
    "recommender.queueing.steady_state",
)
ROOT = FOLDER.parent.parent


def imports_of(file):
    """Modules that a file imports, inside functions as well."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def forbidden(name):
    return any(name == f or name.startswith(f + ".") for f in FORBIDDEN)


def file_of(name):
    path = ROOT / name.replace(".", "/")
    file = path.with_suffix(".py")
    return file if file.exists() else path / "__init__.py"


def test_the_audit_imports_nothing_of_what_it_checks():
    """Neither it nor anything that it imports, however far."""
    seen, waiting = set(), sorted(FOLDER.glob("*.py"))
    assert len(waiting) > 8
    while waiting:
        file = waiting.pop()
        for name in imports_of(file):
            assert not forbidden(name), f"{file} imports {name}"
            target = file_of(name)
            if name.startswith("recommender.") and target.exists() and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert file_of("recommender.queueing.simulator") in seen  # the walk is real
