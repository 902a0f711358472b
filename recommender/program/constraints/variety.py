r"""Variety: at most M accelerator types in one plan.

    uses[p]:     n[p]  <=  upper[p] * z[type of p]          for all p
    variety:     sum_t z[t]  <=  M

Symbol     Kind       Meaning                                     Unit
n[p]       variable   failure groups of kind p                    integer
z[t]       variable   1 when the plan may use type t              0 or 1
upper[p]   parameter  largest useful n[p]                         count
M          parameter  types allowed                               count

z costs nothing and names its type: column ``uses[H100-SXM]``.
"""

from collections.abc import Iterator, Mapping

from recommender.program.column import Column
from recommender.program.row import Row


def variety_columns(types: Mapping[str, str]) -> Iterator[Column]:
    """One z[t] per type, in the order of names; `types` maps column p to its type."""
    for name in sorted(set(types.values())):
        yield Column(type_column(name), cost=0, upper=1)


def variety(*, types: Mapping[str, str], upper: Mapping[str, int], limit: int) -> Iterator[Row]:
    """The rows that link every column to its type, then the row that counts types."""
    for p, name in types.items():
        yield Row(f"uses[{p}]", {p: 1, type_column(name): -upper[p]}, "<=", 0)
    yield Row(
        "variety", {type_column(name): 1 for name in sorted(set(types.values()))}, "<=", limit
    )


def type_column(name: str) -> str:
    """Name of the column z[t]."""
    return f"uses[{name}]"
