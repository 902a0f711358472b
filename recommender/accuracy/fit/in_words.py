"""Factors on times and counts of things, in words."""

SAME = 0.0005


def counted(value: int, thing: str) -> str:
    """`1 row`, `12 rows`; of several words the last is counted: `1 different run`."""
    return f"{value} {thing}{'' if value == 1 else 's'}"


def times_in_words(factor: float) -> str:
    """`predicted times x 1.300, 30.0 % longer than shipped (slower)`."""
    if abs(factor - 1) < SAME:
        return f"predicted times x {factor:.3f}, as shipped"
    longer, slower = ("longer", "slower") if factor > 1 else ("shorter", "faster")
    return (
        f"predicted times x {factor:.3f}, {100 * abs(factor - 1):.1f} % {longer} than shipped"
        f" ({slower})"
    )
