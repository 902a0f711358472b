r"""Power: the nameplates of all nodes stay within what the site feeds.

    power:       sum_p nameplate[p] * n[p]  <=  power

Symbol         Kind       Meaning                                       Unit
n[p]           variable   failure groups of kind p                      integer
nameplate[p]   parameter  nameplate of all nodes of one group, up       W
power          parameter  limit, rounded down                           W

Nameplate, not planned load: feeds and breakers are sized for what a node may draw.
"""

from collections.abc import Mapping

from recommender.program.row import Row


def power(*, nameplate: Mapping[str, int], limit: int) -> Row:
    """The row, in W."""
    return Row("power", dict(nameplate), "<=", limit)
