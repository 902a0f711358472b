"""What the margin for model error alone keeps out is told apart, with both numbers."""

import math
import re

import numpy as np
import pytest

from catalog import load
from recommender.decision.study_of import study_of
from recommender.explanation.by_margin import margin_sentence, out_by_margin
from recommender.explanation.funnel import BY_MARGIN, funnel_of
from recommender.explanation.what_stops import what_stops
from recommender.queueing.capacity import capacity
from recommender.queueing.largest_rate import IDLE_LOAD
from recommender.queueing.latency import latency
from recommender.request.spec_file import make_spec

TIGHT = {"model": "70b", "qps": "50", "p99": "200ms", "gpu": "H200,MI355X", "offers": "all"}
MISS = re.compile(
    r"(\S+) .*: idle TTFT p99 (\d+) ms with the margin of 80% confidence "
    r"\(steps x ([\d.]+): (\w+)\), (\d+) ms without, target 200 ms: measuring it decides"
)


def study(**changes):
    return study_of(make_spec({**TIGHT, "fast": True, **changes}), catalog=load())


@pytest.fixture(scope="module")
def tight():
    return study()


def idle_ttft_ms(law, request):
    rate = IDLE_LOAD * capacity(law, request.workload.lengths)
    burstiness = request.workload.burstiness
    found = latency(law, request.workload.lengths, rate, burstiness=burstiness, metrics=("ttft",))
    return 1e3 * found.ttft_s


def test_both_numbers_are_those_of_the_two_laws(tight):
    out = out_by_margin(tight)
    found = MISS.search(margin_sentence(tight, out))
    with_margin, factor, without = (float(found.group(i)) for i in (2, 3, 5))
    at_80, at_50 = (
        idle_ttft_ms(law.take(out), tight.request)
        for law in (tight.table.law, tight.table.central_law)
    )
    nearest = int(np.argmin(at_80))
    assert with_margin == round(at_80[nearest]) > 200
    assert without == round(at_50[nearest]) < 200
    # z(80 %) = -ln(2 * 0.2) / sqrt(2) = 0.9163 / 1.4142 = 0.6479
    spread = tight.table.law.take(out).rel_error[nearest]
    assert factor == pytest.approx(math.exp(0.6479 * spread), abs=0.006)


def test_every_accelerator_that_the_margin_keeps_out_is_named(tight):
    sentence = margin_sentence(tight, out_by_margin(tight))
    assert sentence.startswith("H200")
    assert re.search(r"likewise MI355X \(TTFT p99 \d+ ms, \d+ ms without; x [\d.]+: roof", sentence)


def test_without_the_margin_just_these_cuts_serve(tight):
    out = {tight.table.cut(p) for p in out_by_margin(tight)}
    central = study(confidence="50%")
    serving = np.flatnonzero(central.rates.rate > 0)
    assert {central.table.cut(p) for p in serving} == out
    assert BY_MARGIN not in funnel_of(central).rejected


def test_funnel_counts_every_cut_once(tight):
    found = funnel_of(tight)
    assert found.rejected[BY_MARGIN] == len({tight.table.cut(p) for p in out_by_margin(tight)})
    assert found.considered == found.candidates + sum(found.rejected.values())


def test_nearest_miss_by_latency_misses_without_the_margin_too(tight):
    by_latency = funnel_of(tight).examples["latency"]
    assert by_latency.partition(":")[0] not in funnel_of(tight).examples[BY_MARGIN]


def test_what_stops_a_request_says_so(tight):
    assert any(BY_MARGIN in line and "MI355X" in line for line in what_stops(tight, None))


@pytest.mark.parametrize("limit", ["20ms", "5s"])
def test_nothing_is_out_by_its_margin_where_all_or_none_serve(limit):
    found = study(p99=limit, tpot_p99=limit)
    assert len(out_by_margin(found)) == 0
    assert margin_sentence(found, out_by_margin(found)) == ""
