"""The memory that an accelerator's name states, and the rows that have it.

    a name of s GB is of a row of m GB where |log(s / m)| <= log(1.1), and of the nearest such row

Within a tenth are GiB said as GB (7 %), and what drivers leave of it (an A10G of 24 GB reports
22). Where memory is bought by size (Apple's chips, AMD's APUs), catalogue rows hold the largest,
and any smaller one is of that row. Names of CPUs say nothing of accelerators' memory, and GH200 is
printed by `nvidia-smi` with that of its CPU (`NVIDIA GH200 480GB`; recalled). A board of two chips
(`Dual 48G`) states that of both.
"""

import math
import re
from collections.abc import Sequence

from catalog.schema import Accelerator
from recommender.accuracy.accelerator_words import one_spelling

ALIKE = 1.1
_AMOUNT = re.compile(r"(?<![a-z\d.])(\d+(?:\.\d+)?)gb\b")
_DUAL = re.compile(r"\bdual\b", re.IGNORECASE)
_BY_SIZE = ("SoC", "APU")
_CPU = "CPU"
_SUPERCHIP = "superchip"
_OF_GRACE_GB = (120.0, 240.0, 480.0)


def stated_amounts(name: str) -> frozenset[float]:
    """Amounts that a name states [GB, or GiB said as such]."""
    text = one_spelling(name)
    amounts = {float(amount) for amount in _AMOUNT.findall(text)}
    return frozenset(amounts | {amount / 2 for amount in amounts if is_dual(text)})


def is_dual(name: str) -> bool:
    """Whether a board of this name carries two chips."""
    return _DUAL.search(name) is not None


def of_stated_memory(
    rows: Sequence[Accelerator], amounts: frozenset[float]
) -> Sequence[Accelerator]:
    """The rows nearest to one of the amounts; none where no row has any; all of none stated."""
    apart = [(_apart(row, amounts), row) for row in rows]
    nearest = min((distance for distance, _ in apart), default=0.0)
    if nearest > math.log(ALIKE):
        return ()
    return [row for distance, row in apart if distance == nearest]


def of_several_sizes(rows: Sequence[Accelerator], amounts: frozenset[float]) -> bool:
    """Whether a name states memories that different rows of its chip have: `A100 40GB/80GB`."""
    fixed = {row.memory_gb for row in rows if row.form not in _BY_SIZE}
    return len(fixed & amounts) > 1


def _apart(row: Accelerator, amounts: frozenset[float]) -> float:
    """Distance of a row from the nearest amount, as a logarithm."""
    judged = amounts - frozenset(_OF_GRACE_GB) if row.form == _SUPERCHIP else amounts
    if not judged or row.form == _CPU:
        return 0.0
    if row.form in _BY_SIZE and min(judged) <= ALIKE * row.memory_gb:
        return 0.0
    return min((abs(math.log(one / row.memory_gb)) for one in judged if one > 0), default=math.inf)
