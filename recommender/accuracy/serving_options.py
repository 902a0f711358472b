"""How an engine was told to serve, as far as a row's notes say: what has no column.

Symbol          Meaning                                                              Unit
speculation     drafts per step, and tokens that a step gains (`stated_drafts`); None
                without drafts
gain_assumed    whether what drafts gain is assumed (`assumed_drafts`)
hit_share       share of the prompt tokens that a prefix cache held (`stated_hits`)   1
step_tokens     token budget of a step (`stated_limits`); None: the usual one         tokens
most_sequences  of a batch, per attention rank; None: the engine's default            count
memory_share    share of the memory that the engine claims (`stated_share`)           1
memory_bytes    memory that the driver reports                                        B
longest         longest request that the engine was started for                       tokens
"""

import re
from dataclasses import dataclass

from recommender.accuracy.assumed_drafts import assumed_speculation
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.stated_drafts import stated_drafts, stated_speculation
from recommender.accuracy.stated_hits import stated_hits
from recommender.accuracy.stated_limits import stated_sequences, stated_step_tokens
from recommender.accuracy.stated_share import share_in_flags, stated_share
from recommender.performance.speculation import Speculation
from recommender.units import GIB

_LONGEST = re.compile(r"max[_-]model[_-]len[^\d]{0,3}(\d{1,9})(?!\d)")
_REPORTED = re.compile(
    r"(?:GPU reports|GPU total|total_gpu_memory=|GPU)\s*(\d{1,9}(?:\.\d+)?)\s*GiB"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOptions:
    """See the module's table."""

    speculation: Speculation | None = None
    gain_assumed: bool = False
    hit_share: float = 0.0
    step_tokens: float | None = None
    most_sequences: float | None = None
    memory_share: float | None = None
    memory_bytes: float | None = None
    longest: float | None = None


NONE_STATED = ServingOptions()


def serving_options(row: Measurement, *, engine: str, ranks: float) -> ServingOptions:
    """What the notes of a row say.

    A share of the memory is read from flags alone, unless memory is what was measured: notes of
    speeds speak of other utilisations.
    """
    notes = row.notes
    if not notes:
        return NONE_STATED
    stated = stated_speculation(notes)
    longest, reported = _LONGEST.search(notes), _REPORTED.search(notes)
    return ServingOptions(
        speculation=stated or assumed_speculation(stated_drafts(notes)),
        gain_assumed=stated is None and stated_drafts(notes) > 0,
        hit_share=stated_hits(notes) or 0.0,
        step_tokens=stated_step_tokens(notes),
        most_sequences=stated_sequences(notes, engine=engine, ranks=ranks),
        memory_share=stated_share(notes) if row.kind == "memory" else share_in_flags(notes),
        memory_bytes=float(reported[1]) * GIB if reported else None,
        longest=float(longest[1]) if longest else None,
    )
