"""Types of columns in words; none shows Python."""

import pytest

from catalog.column_words import column_words
from catalog.tables import TABLES


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("price_per_h", "a number"),
        ("stock", "a whole number, or empty"),
        ("pue", "a number, or empty"),
        ("vcpus", "a whole number, or empty"),
        ("whole_node", "true or false"),
        ("date", "a date such as 2026-11-21, or empty"),
        ("terms", "one of on_demand, spot, reserved_1yr, reserved_3yr, owned"),
        ("cooling", "one of air, liquid, or empty"),
    ],
)
def test_words(column, words):
    assert column_words(TABLES["offers"].row.model_fields[column].annotation) == words


def test_every_column_has_words():
    for table in TABLES.values():
        for name, field in table.row.model_fields.items():
            words = column_words(field.annotation)
            assert not {"[", "<", "="} & set(words), f"{table.name}.{name}: {words}"
