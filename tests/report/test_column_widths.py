"""Column widths by hand and by property; text is broken but never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.report.column_widths import LEAST_WIDTH, broken, fitted


def test_what_fits_is_left_alone() -> None:
    """10 + 20 + 30 = 60."""
    assert fitted([10, 20, 30], [False] * 3, 60) == [10, 20, 30]


def test_the_widest_give_way() -> None:
    """60 - 9 fixed = 51 for 10, 50 and 30: 10 stays, (51 - 10) / 2 = 20 for the others."""
    assert fitted([9, 10, 50, 30], [True, False, False, False], 60) == [9, 10, 20, 20]


@given(st.lists(st.tuples(st.integers(0, 90), st.booleans()), min_size=1, max_size=7), st.data())
def test_never_wider_than_asked(columns: list[tuple[int, bool]], data: st.DataObject) -> None:
    """Fixed columns keep their width; the sum fits whenever the least widths do."""
    natural, fixed = [n for n, _ in columns], [f for _, f in columns]
    least = sum(n if f else LEAST_WIDTH for n, f in columns)
    available = least + data.draw(st.integers(0, 80))
    widths = fitted(natural, fixed, available)
    assert sum(widths) <= available
    assert all(w == n for w, n, f in zip(widths, natural, fixed, strict=True) if f)
    assert all(w <= n for w, n in zip(widths, natural, strict=True))


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        (
            "nebius/gpu-b200-sxm_8gpu/us-central1",
            16,
            ["nebius/gpu-b200-", "sxm_8gpu/us-", "central1"],
        ),
        ("costs $12,848/h now", 9, ["costs", "$12,848/h", "now"]),
        ("read 2026-01-21 again", 10, ["read", "2026-01-21", "again"]),
        ("without (--fast) it", 12, ["without", "(--fast) it"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 4, [""]),
    ],
)
def test_breaks_where_a_reader_would(text: str, width: int, lines: list[str]) -> None:
    """Names break after a sign, numbers, dates and flags do not break."""
    assert broken(text, width) == lines


@given(st.text(st.sampled_from("ab1 /-_:,.$"), max_size=40), st.integers(4, 20))
def test_nothing_is_lost(text: str, width: int) -> None:
    """Without blanks, the lines together are the text, and none is too long."""
    lines = broken(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize("width", [0, -3])
def test_no_room_is_an_error(width: int) -> None:
    """Rather than lines without end: a report once filled the memory of the machine."""
    with pytest.raises(ValueError, match="characters"):
        broken("a name", width)
