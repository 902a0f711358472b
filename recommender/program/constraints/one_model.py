r"""One model: a plan serves its requests with one of the models that may serve them.

    serves[p]:     n[p]  <=  upper[p] * z[model of p]       for all p
    one_model:     sum_m z[m]  <=  1

Symbol     Kind       Meaning                                     Unit
n[p]       variable   failure groups of kind p                    integer
z[m]       variable   1 when the plan may serve model m           0 or 1
upper[p]   parameter  largest useful n[p]                         count

z costs nothing and names its model: column ``serves[Llama-3.1-8B]``. Every group holds replicas of
one model, so the best plan under these rows is the best of the best plans of each model alone.
"""

from collections.abc import Iterator, Mapping

from recommender.program.column import Column
from recommender.program.row import Row


def model_columns(models: Mapping[str, str]) -> Iterator[Column]:
    """One z[m] per model, in the order of names; `models` maps column p to its model."""
    for name in sorted(set(models.values())):
        yield Column(serves(name), cost=0, upper=1)


def one_model(*, models: Mapping[str, str], upper: Mapping[str, int]) -> Iterator[Row]:
    """The rows that link every column to its model, then the row that allows one of them."""
    for p, name in models.items():
        yield Row(f"serves[{p}]", {p: 1, serves(name): -upper[p]}, "<=", 0)
    yield Row("one_model", {serves(name): 1 for name in sorted(set(models.values()))}, "<=", 1)


def serves(name: str) -> str:
    """Name of the column z[m]."""
    return f"serves[{name}]"
