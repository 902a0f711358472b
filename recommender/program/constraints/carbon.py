r"""Carbon: the emissions of the plan at planned load stay within a cap.

    carbon:      sum_p carbon[p] * n[p]  <=  cap

Symbol      Kind       Meaning                                                    Unit
n[p]        variable   failure groups of kind p                                   integer
carbon[p]   parameter  power * PUE * grid intensity of one group, rounded up      g CO2e/h
cap         parameter  limit, rounded down                                        g CO2e/h
"""

from collections.abc import Mapping

from recommender.program.row import Row


def carbon(*, carbon: Mapping[str, int], limit: int) -> Row:
    """The row, in g CO2e per hour."""
    return Row("carbon", dict(carbon), "<=", limit)
