"""The nearest miss of an SLO misses it, by a number that shows."""

import re

import pytest

from catalog import load
from recommender.decision.study_of import study_of
from recommender.explanation.nearest import nearest_to_slo
from recommender.request.spec_file import make_spec

MISS = re.compile(r"idle (?:TTFT|TPOT) p99 ([\d.]+) (m?s), target ([\d.]+) (m?s)$")


def seconds(number, unit):
    return float(number) * (1e-3 if unit == "ms" else 1.0)


@pytest.mark.parametrize("limit", ["30ms", "60ms", "120ms"])
def test_what_is_left_out_for_latency_is_slower_than_the_limit(limit):
    raw = {"model": "70b", "qps": "5", "p99": limit, "gpu": "H100,B200", "provider": "nebius"}
    study = study_of(make_spec({**raw, "fast": True}), catalog=load())
    found = MISS.search(nearest_to_slo(study))
    assert found is not None
    assert seconds(*found.group(1, 2)) > seconds(*found.group(3, 4))
