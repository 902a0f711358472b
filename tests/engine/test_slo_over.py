"""`--slo-over trace`: percentiles over all requests of a trace, from the spec to the replay."""

from pathlib import Path

import numpy as np
import pytest

import catalog
from recommender import Spec, recommend
from recommender.audit import audit
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.request.chosen_workload import chosen_workload
from recommender.request.request import resolve
from recommender.traces.read import read_trace
from recommender.traces.superpose import superpose
from recommender.traces.trace_rates import rate_profile
from recommender.verification.plan_replay import verify_plan
from recommender.what_if.override import override

QUIET, BUSY = 2.0, 8.0


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty minutes at 2 requests/s, then twenty at 8."""
    random = np.random.default_rng(4)
    times = [
        start + np.sort(random.uniform(0.0, 1200.0, int(1200 * rate)))
        for start, rate in ((0.0, QUIET), (1200.0, BUSY))
    ]
    rows = [
        f"{t:.6f},{random.integers(200, 1500)},{random.integers(20, 300)}"
        for t in np.concatenate(times)
    ]
    path = tmp_path_factory.mktemp("trace") / "requests.csv"
    text = "arrival_s,input_tokens,output_tokens\n" + "\n".join(rows) + "\n"
    path.write_text(text, encoding="utf-8")
    return path


def asked(trace: Path, **other: str) -> Spec:
    return Spec.model_validate(
        {"model": "70b", "qps": "9", "ttft_p99": "150ms", "tpot_p99": "40ms", "trace": str(trace)}
        | {"headroom": "10%", "redundancy": "none", "gpu": "H100"}
        | other
    )


def solved(spec: Spec) -> Plan:
    return recommend(spec, front=False, explain=False)


def cost(plan: Plan) -> float:
    assert plan.totals is not None
    return plan.totals.cost_usd_per_h


def test_the_profile_is_that_of_the_replay(trace: Path) -> None:
    arrivals = superpose(read_trace(trace), requests_per_s=9.0)
    profile = rate_profile(arrivals)
    # the busiest minute is 1; the mean is that of the superposed trace over the asked rate
    assert profile.relative.max() == 1.0
    assert profile.mean == pytest.approx(arrivals.mean_requests_per_s / 9.0, rel=0.03)


def test_one_copy_of_the_trace_has_its_own_profile(trace: Path) -> None:
    rates = rate_profile(superpose(read_trace(trace), requests_per_s=1.0)).relative
    # quiet minutes have 2/8 of the rate of busy ones
    assert rates[:20].mean() / rates[20:].mean() == pytest.approx(0.25, rel=0.05)


def test_over_the_trace_a_plan_is_no_dearer_says_so_passes_its_audit_and_holds(
    trace: Path,
) -> None:
    spec = asked(trace, slo_over="trace")
    peak, over = solved(asked(trace)), solved(spec)
    assert cost(over) <= cost(peak)
    said = {line.name: line.value for line in over.assumptions}
    assert said["percentiles"].startswith("over all requests of the trace, 40 minutes")
    said = {line.name: line.value for line in peak.assumptions}
    assert said["percentiles"].startswith("over requests at the peak rate")
    assert not [f for f in audit(over, spec, catalog.load(), replay=True) if not f.holds]
    assert verify_plan(over).verdict == "holds"
    assert verify_plan(over, trace_file=trace).verdict in ("holds", "undecided")


def test_without_simulation_a_plan_over_the_trace_costs_no_more_either(trace: Path) -> None:
    fast = {"fast": "true"}
    over = solved(asked(trace, slo_over="trace", **fast))
    assert cost(over) <= cost(solved(asked(trace, **fast)))


def test_a_replica_that_is_found_over_the_trace_carries_more(trace: Path) -> None:
    from recommender.decision.study_of import study_of

    peak = study_of(asked(trace)).rates.rate
    over = study_of(asked(trace, slo_over="trace")).rates.rate
    assert np.all(over >= peak * (1 - 1e-3))
    assert np.any(over > 1.02 * peak)


def test_a_sweep_over_the_rate_finds_new_rates_where_the_profile_depends_on_it(
    trace: Path,
) -> None:
    facts = catalog.load()
    poisson = {"burstiness": "1"}
    assert override(asked(trace, **poisson), facts, "qps", "20").same_performance
    over = asked(trace, slo_over="trace", **poisson)
    assert not override(over, facts, "qps", "20").same_performance
    assert not override(asked(trace), facts, "qps", "20").same_performance  # it may have bursts


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"trace": None}, "--trace, which is not given"),
        ({"profile": "0-8h:30%,8-24h:100%"}, "--profile"),
        ({"disaggregate": "auto"}, "--disaggregate auto"),
    ],
)
def test_what_does_not_go_together_is_refused(
    trace: Path, other: dict[str, str | None], says: str
) -> None:
    given = {"model": "70b", "qps": "9", "p99": "150ms", "trace": str(trace), "slo_over": "trace"}
    with pytest.raises(ValueError, match=says):
        Spec.model_validate(given | other)


def test_a_workload_file_without_rates_per_minute_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(
        '{"workload_version": "1", "name": "mine", "source": "", "burstiness": 1.0, '
        '"lengths": [[100, 10]]}',
        encoding="utf-8",
    )
    with pytest.raises(SpecError, match="rate per minute"):
        chosen_workload(asked(path, slo_over="trace"), catalog.load())


def test_a_preset_beside_a_trace_is_not_used_and_said_so(trace: Path) -> None:
    """As where a flag gives a trace to a spec file that names a preset."""
    spec = asked(trace)
    beside = spec.model_copy(update={"workload": "rag"})
    facts = catalog.load()
    alone, both = resolve(spec, facts), resolve(beside, facts)
    assert both.workload.lengths.mean_input == alone.workload.lengths.mean_input
    said = [line for line in both.assumptions if line.name == "--workload"]
    assert [line.value for line in said] == [
        f"rag is not used: token lengths and burstiness are those of --trace {trace}"
    ]
    assert not any(line.name == "--workload" for line in alone.assumptions)
    with pytest.raises(SpecError, match="cannot vary 'workload': requests are those of --trace"):
        override(spec, facts, "workload", "rag")
