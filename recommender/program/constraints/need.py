r"""Need: something of a set of groups is bought.

    need[name]:   sum_{p in P} n[p]  >=  1

Symbol   Kind       Meaning                              Unit
n[p]     variable   failure groups of kind p             integer
P        set        groups of which one must be bought

It asks for a plan that differs from one already known (see formulation/different.py).
"""

from collections.abc import Iterable

from recommender.program.row import Row


def need(name: str, *, one_of: Iterable[str]) -> Row:
    """The row over the columns `one_of`."""
    return Row(f"need[{name}]", dict.fromkeys(one_of, 1), ">=", 1)
