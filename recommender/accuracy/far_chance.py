"""How often predictions like this one were off by more than three times.

    p = (far_g + W * p_0) / (rows_g + W),     p_0 = (far + 1/2) / (rows + 1)

Symbol       Meaning                                                              Unit
far, rows    held-out rows of the level and kind that were off by more than FAR,  count
             and all of them
g            the same of the narrowest group of errors.csv that the row is in     count
W            rows that a group needs to have as much say as all together          count

An interval that holds nine of ten rows says nothing of the tenth: steps are hardly ever far off,
first tokens of a server that waits for what nobody reports may be. A level says no less than a
surer one (`interval`).
"""

import math

FAR = math.log(3.0)
WEIGHT = 20.0
"""W."""
Counts = tuple[int, int]
"""Far rows, and all."""


def far_chance(everywhere: Counts, group: Counts) -> float:
    """p of a group."""
    (far, rows), (own_far, own_rows) = everywhere, group
    return (own_far + WEIGHT * (far + 0.5) / (rows + 1.0)) / (own_rows + WEIGHT)
