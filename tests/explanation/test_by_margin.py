"""What the margin for model error alone keeps out is told apart, with both numbers."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from catalog import load
from recommender.decision.rates import Rates, Trust
from recommender.decision.study_of import study_of
from recommender.explanation.by_margin import margin_sentence, out_by_margin
from recommender.explanation.funnel import BY_MARGIN, funnel_of
from recommender.explanation.what_stops import what_stops
from recommender.queueing.capacity import capacity
from recommender.queueing.largest_rate import IDLE_LOAD
from recommender.queueing.latency import latency
from recommender.request.spec_file import make_spec

ASKED = {"model": "70b", "qps": "50", "tpot_p99": "5s", "gpu": "H200,MI355X", "offers": "all"}
MARGIN = 3.0
"""Of the laws of `wide`, whatever the shipped constants are."""
MISS = re.compile(
    r"(\S+) .*?: idle TTFT p99 ([\d.]+) (m?s) with the margin of 80% confidence "
    r"\(steps x ([\d.]+): (\w+)\), ([\d.]+) (m?s) without, target \S+ m?s: measuring it decides"
)


def study(limit_s, **changes):
    asked = {**ASKED, "ttft_p99": f"{limit_s}s", "fast": True, **changes}
    return study_of(make_spec(asked), catalog=load())


def with_margin(found, margin):
    """The study as it would be if every step law had this margin."""
    table = replace(found.table, law=found.table.central_law.slower(margin))
    found = replace(found, enumeration=replace(found.enumeration, table=table))
    request = found.request
    return found.with_rates(Rates(table.law, request.workload, request.slo, Trust.SAFE))


def idle_s(law, request):
    rate = IDLE_LOAD * capacity(law, request.workload.lengths)
    stream = request.workload.stream
    found = latency(law, request.workload.lengths, rate, stream=stream, metrics=("ttft",))
    return found.ttft_s


def between(found):
    """A limit that no kind meets with its margin, and the best of each accelerator without."""
    table = found.table
    at_80, at_50 = (idle_s(law, found.request) for law in (table.law, table.central_law))
    least = {}
    for kind, quick in zip(table.hardware_index, at_50, strict=True):
        name = table.hardware[kind].accelerator.name
        least[name] = min(quick, least.get(name, math.inf))
    best = max(least.values())
    assert best < min(at_80)
    return math.sqrt(best * min(at_80))


@pytest.fixture(scope="module")
def wide():
    """Everything misses with a margin of MARGIN; something of each accelerator serves without."""
    return with_margin(study(between(with_margin(study(5.0), MARGIN))), MARGIN)


@pytest.fixture(scope="module")
def real():
    """A study of one accelerator with its own margin."""
    return study(between(study(5.0, gpu="MI355X")), gpu="MI355X")


def seconds(number, unit):
    return float(number) * (1e-3 if unit == "ms" else 1.0)


def test_both_numbers_are_those_of_the_two_laws(real):
    out = out_by_margin(real)
    found = MISS.search(margin_sentence(real, out))
    slow, quick = seconds(*found.group(2, 3)), seconds(*found.group(6, 7))
    laws = (real.table.law.take(out), real.table.central_law.take(out))
    at_80, at_50 = (idle_s(law, real.request) for law in laws)
    nearest = int(np.argmin(at_80))
    assert slow == pytest.approx(at_80[nearest], rel=5e-3)  # three digits
    assert quick == pytest.approx(at_50[nearest], rel=5e-3)
    assert quick < real.request.slo.targets[0].limit_s < slow
    # z(80 %) = -ln(2 * 0.2) / sqrt(2) = 0.9163 / 1.4142 = 0.6479
    spread = laws[0].rel_error[nearest]
    assert float(found.group(4)) == pytest.approx(math.exp(0.6479 * spread), abs=0.006)


def test_every_accelerator_that_the_margin_keeps_out_is_named(wide):
    sentence = margin_sentence(wide, out_by_margin(wide))
    first, _, others = sentence.partition("; likewise ")
    assert {"H200", "MI355X"} == {first.split()[0], others.split()[0]}
    assert re.match(r".* \(TTFT p99 \S+ m?s, \S+ m?s without; x 3\.00: \w+\)$", others)


def test_without_the_margin_just_these_cuts_serve(wide):
    out = {wide.table.cut(p) for p in out_by_margin(wide)}
    central = with_margin(wide, 1.0)
    serving = np.flatnonzero(central.rates.rate > 0)
    assert {central.table.cut(p) for p in serving} == out
    assert BY_MARGIN not in funnel_of(central).rejected


def test_funnel_counts_every_cut_once(wide):
    found = funnel_of(wide)
    assert found.rejected[BY_MARGIN] == len({wide.table.cut(p) for p in out_by_margin(wide)})
    assert found.considered == found.candidates + sum(found.rejected.values())


def test_nearest_miss_by_latency_misses_without_the_margin_too(wide):
    by_latency = funnel_of(wide).examples["latency"]
    central = with_margin(wide, 1.0)
    kept = {central.table.describe(p) for p in np.flatnonzero(central.rates.rate > 0)}
    assert by_latency.partition(":")[0] not in kept


def test_what_stops_a_request_says_so(wide):
    assert any(BY_MARGIN in line and "MI355X" in line for line in what_stops(wide, None))


def test_a_wider_margin_keeps_no_less_out(wide):
    counts = [len(out_by_margin(with_margin(wide, margin))) for margin in (1.0, 1.5, 3.0, 5.0)]
    assert counts[0] == 0 and counts == sorted(counts)


@pytest.mark.parametrize("limit_s", [0.02, 100.0])
def test_nothing_is_out_by_its_margin_where_all_or_none_serve(limit_s):
    found = study(limit_s, tpot_p99="100s")
    assert len(out_by_margin(found)) == 0
    assert margin_sentence(found, out_by_margin(found)) == ""
