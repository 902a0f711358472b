r"""Spread: the plan uses at least m providers (zones, regions, accelerator types).

    in[K=v]:     z[v]  <=  sum_{p: K(p) = v} n[p]            for every value v of class K
    spread[K]:   sum_v z[v]  >=  m

Symbol   Kind       Meaning                                   Unit
n[p]     variable   failure groups of kind p                  integer
z[v]     variable   1 only when the plan uses value v         0 or 1
K(p)     key        provider, zone, region or type of p
m        parameter  values that the plan must use             count
"""

from collections.abc import Iterator, Mapping

from recommender.program.column import Column
from recommender.program.row import Row


def spread_columns(kind: str, values: Mapping[str, str]) -> Iterator[Column]:
    """One z per value, in the order of names; `values` maps column p to K(p)."""
    for value in sorted(set(values.values())):
        yield Column(_used(kind, value), cost=0, upper=1)


def spread(kind: str, *, values: Mapping[str, str], least: int) -> Iterator[Row]:
    """The rows that allow a z only where something is bought, then the row that counts them."""
    names = sorted(set(values.values()))
    for value in names:
        members = {p: -1 for p, v in values.items() if v == value}
        yield Row(f"in[{kind}={value}]", {_used(kind, value): 1, **members}, "<=", 0)
    yield Row(f"spread[{kind}]", {_used(kind, value): 1 for value in names}, ">=", least)


def _used(kind: str, value: str) -> str:
    return f"used[{kind}={value}]"
