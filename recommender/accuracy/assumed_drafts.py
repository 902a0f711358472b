"""What is assumed of drafts where a row states how many there are, and not what they gain.

    TPOT / faster,     faster = (1 + 0.7*k) / (1 + 0.3*k)

Of k drafts 70 % are accepted, and a step takes 30 % longer per draft: a guess of both together,
which the constants were fitted with. Where the gain is stated, steps are those of physics
(`verified_step`), and none of this is assumed.
"""

from collections.abc import Sequence

import numpy as np

from recommender.accuracy.load import Load
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.performance.layout_table import Floats

ACCEPTED_SHARE = 0.7
DRAFT_COST = 0.3


def assumed_speedup(table: ScenarioTable, loads: Sequence[Load]) -> Floats:
    """Factor by which tokens come faster; 1 without drafts and where the gain is stated, (n,)."""
    stated = table.drafts > 0
    drafted = np.where(stated, 0, np.array([load.speculated_tokens for load in loads]))
    return np.asarray((1 + ACCEPTED_SHARE * drafted) / (1 + DRAFT_COST * drafted))


def drafts_in_words(drafts: int) -> str:
    """The assumption of so many drafts, as it is listed."""
    accepted, time = 1 + ACCEPTED_SHARE * drafts, 1 + DRAFT_COST * drafts
    return (
        f"{ACCEPTED_SHARE:.0%} of {drafts} drafts accepted (assumed): {accepted:.3g} tokens in a"
        f" step of {time:.3g} times the time"
    )
