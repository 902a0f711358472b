"""A list that comes out empty says which filter emptied it, and what would be near."""

import pytest

from catalog import load
from catalog.filters import Filters, select_offers
from catalog.why_empty import why_empty

CATALOG = load()


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(gpu=["H100:8"], max_price="$3/h"), "none passes --max-price $3/h"),
        (Filters(gpu=["H100:8"], max_price="$3/h"), "/gpu-h"),
        (Filters(provider=["aws"], region=["eu-north1"]), "did you mean eu-north-1"),
        (Filters(provider=["aws"], terms=["spot"]), "they are of terms on_demand, reserved_1yr"),
        (Filters(gpu=["TPU v5e"]), "16 offers of TPU v5e are left out: no power figure"),
        (Filters(terms=["owned"]), "none passes --terms owned"),
    ],
)
def test_the_filter_that_empties_is_named(filters: Filters, said: str) -> None:
    assert not select_offers(CATALOG, filters)
    assert said in "\n".join(why_empty(CATALOG, filters))


def test_nothing_to_explain() -> None:
    assert why_empty(CATALOG, Filters(gpu=["H100"])) == []
