"""uses[p]: n[p] <= upper[p] * z[type];  variety: sum_t z[t] <= M."""

from recommender.program.column import Column
from recommender.program.constraints.variety import variety, variety_columns
from recommender.program.row import Row

TYPES = {"a1": "H100", "a2": "H100", "b": "L4"}
UPPER = {"a1": 3, "a2": 7, "b": 2}


def test_rows_are_the_equations_on_paper():
    assert list(variety(types=TYPES, upper=UPPER, limit=1)) == [
        Row("uses[a1]", {"a1": 1, "uses[H100]": -3}, "<=", 0),
        Row("uses[a2]", {"a2": 1, "uses[H100]": -7}, "<=", 0),
        Row("uses[b]", {"b": 1, "uses[L4]": -2}, "<=", 0),
        Row("variety", {"uses[H100]": 1, "uses[L4]": 1}, "<=", 1),
    ]


def test_one_free_switch_per_type():
    assert list(variety_columns(TYPES)) == [Column("uses[H100]", 0, 1), Column("uses[L4]", 0, 1)]


def allowed(point: dict[str, int], limit: int) -> bool:
    """Whether some setting of the switches satisfies all rows."""
    rows = list(variety(types=TYPES, upper=UPPER, limit=limit))
    return any(
        all(row.holds({**point, "uses[H100]": h, "uses[L4]": l4}) for row in rows)
        for h in (0, 1)
        for l4 in (0, 1)
    )


def test_types_count_once_however_many_columns_use_them():
    assert allowed({"a1": 3, "a2": 7}, limit=1)
    assert not allowed({"a1": 1, "b": 1}, limit=1)
    assert allowed({"a1": 1, "b": 1}, limit=2)


def test_no_type_at_all_allows_nothing():
    assert allowed({}, limit=0) and not allowed({"b": 1}, limit=0)
