"""What no idle replica can do within an end-to-end target is more than what one of them does."""

import re
from dataclasses import replace

import numpy as np
import pytest

from catalog import load
from recommender.decision.study_of import study_of
from recommender.explanation.nearest import end_to_end_bound
from recommender.queueing.simulator import simulate
from recommender.request.spec_file import make_spec
from recommender.workload import Lengths

MOST = re.compile(r"a prompt of ([\d,]+) tokens at most ([\d,]+) output tokens")
LIMIT_S = 2.0
RAW = {
    "model": "8b", "qps": "5", "e2e_p99": "2s", "gpu": "H100", "provider": "nebius", "isl": "32000",
}  # fmt: skip


def bound(options):
    study = study_of(make_spec({**RAW, **options, "fast": True}), catalog=load())
    (text,) = end_to_end_bound(study)
    _, tokens = (int(number.replace(",", "")) for number in MOST.search(text).groups())
    return study, tokens


def alone_s(law, lengths, output):
    """E2E of the mean prompt on an idle replica, no two requests at a time; without batch costs,
    which the bound leaves out as well.
    """
    prompt = round(lengths.mean_input)
    found = np.array([prompt - round(lengths.mean_computed)])
    one = Lengths(np.array([prompt]), np.array([output]), found if found[0] else None)
    bare = replace(law, b=0.0, g=0.0)
    return float(simulate(bare, one, 1e-3, requests=200).e2e_s.mean())


@pytest.mark.parametrize(
    "options",
    [{}, {"prefix_hit": "90%"}, {"speculative": "3:2.5"}],
    ids=["plain", "hits", "drafts"],
)
def test_the_fastest_idle_replica_just_reaches_its_bound(options):
    study, tokens = bound(options)
    law, lengths = study.table.law, study.request.workload.lengths
    kinds = [law.take(place) for place in range(len(study.table))]
    assert min(alone_s(kind, lengths, tokens) for kind in kinds) == pytest.approx(LIMIT_S, rel=0.02)


def test_what_a_cache_holds_and_drafts_leave_more_time_for_the_answer():
    _, plain = bound({})
    _, hits = bound({"prefix_hit": "90%"})
    _, drafts = bound({"speculative": "3:2.5"})
    assert hits > 1.1 * plain
    assert drafts > 1.5 * plain
