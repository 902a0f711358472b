"""One kind of groups taken into the table of least prices of covering a demand; compiled.

F(v) = min( F(v), price + F(max(v - rate, 0)) )        v = 1, 2, ... in turn: any number of it
"""

import numpy as np
import numpy.typing as npt

from recommender.compiled import compiled


@compiled
def cover(table: npt.NDArray[np.int64], rate: int, price: int) -> None:
    """Update F in place; shape (need + 1,) [price units], rate in rate units."""
    if rate <= 0:
        return
    for v in range(1, len(table)):
        table[v] = min(table[v], price + table[max(v - rate, 0)])
