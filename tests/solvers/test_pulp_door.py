"""PuLP as a door: no bundled CBC, no highspy, files whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from solver_programs import CBC_WRONG

from recommender.errors import SolverError
from recommender.solvers import prove, pulp_door, registry
from recommender.solvers.outcome import Status

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bundled_cbc() -> str:
    """Path of the CBC 2.10.3 that PuLP 3.3.2 carries."""
    path = pulp_door._pulp().PULP_CBC_CMD().path
    if not path or not Path(path).exists():
        pytest.skip("this PuLP carries no CBC")
    return str(path)


@pytest.mark.parametrize("name", ["PULP_CBC_CMD", "HiGHS"])
def test_what_is_known_to_be_wrong_is_refused(name):
    outcome = registry.get(f"pulp:{name}")(CBC_WRONG, time_limit_s=5)
    assert outcome.status is Status.FAILED and "refused" in outcome.message


def test_wrong_answer_of_the_bundled_cbc_never_passes(bundled_cbc):
    """Called by its path it says 279 `Optimal`; the optimum is 274."""
    outcome = prove.solve(CBC_WRONG, solver=f"pulp:COIN_CMD:{bundled_cbc}")
    if outcome.status is Status.OPTIMAL:  # a CBC without the fault
        assert outcome.objective == 274
    else:
        assert outcome.status is Status.FAILED and "274" in outcome.message


def test_solver_that_is_not_there_is_a_failure_with_its_name():
    outcome = registry.get("pulp:COIN_CMD:/no/such/cbc")(CBC_WRONG, time_limit_s=5)
    assert outcome.status is Status.FAILED and outcome.message


def test_lp_file_reads_back_with_its_names(tmp_path):
    path = tmp_path / "plan.lp"
    pulp_door.write_lp(CBC_WRONG, path)
    text = path.read_text()
    assert "\\ row0: demand[chat]" in text and "\\ x1: x1" in text
    assert "row0: 10224 x0 + 20918 x1 + 32390 x2" in text and ">= 49730" in text
    assert [p.name for p in tmp_path.iterdir()] == ["plan.lp"]  # no draft left


def test_mps_file(tmp_path):
    path = tmp_path / "plan.mps"
    pulp_door.write_lp(CBC_WRONG, path)
    assert "ROWS" in path.read_text()


def test_other_suffix_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(SolverError, match=r"\.lp or \.mps"):
        pulp_door.write_lp(CBC_WRONG, tmp_path / "plan.txt")
    assert list(tmp_path.iterdir()) == []


ONE_PROCESS = """
import sys
from recommender.solvers import registry
from solver_programs import CBC_WRONG
from recommender.solvers.pulp_door import _pulp
_pulp()
for name in {order}:
    outcome = registry.get(name)(CBC_WRONG, time_limit_s=20)
    assert outcome.objective == 274, (name, outcome)
assert "highspy" not in sys.modules
print("done")
"""


@pytest.mark.slow
@pytest.mark.parametrize("order", [["cpsat", "highs", "scip"], ["scip", "highs", "cpsat"]])
def test_all_solvers_live_in_one_process_beside_an_installed_highspy(order, tmp_path):
    """A highspy that fails when it is imported, or when its library is loaded, is not touched."""
    package = tmp_path / "highspy"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('highspy was imported')")
    (package / "_core.so").write_text("not a library: loading it would fail")
    loads = tmp_path / "sitecustomize.py"
    loads.write_text(
        "import ctypes\n"
        "class Loud(ctypes.CDLL):\n"
        "    def __init__(self, name, *rest, **options):\n"
        "        if 'highspy' in str(name): raise SystemExit('highspy was loaded')\n"
        "        super().__init__(name, *rest, **options)\n"
        "ctypes.CDLL = Loud\n"
    )
    path = [str(tmp_path), str(ROOT), str(ROOT / "tests" / "solvers")]
    done = subprocess.run(
        [sys.executable, "-c", ONE_PROCESS.format(order=order)],
        env={"PYTHONPATH": ":".join(path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "done", done.stdout + done.stderr
