"""What a factor on times means, in words: which way it goes, and of what."""

SAME = 0.0005


def times_in_words(factor: float) -> str:
    """`predicted times x 1.300, 30.0 % longer than shipped (slower)`."""
    if abs(factor - 1) < SAME:
        return f"predicted times x {factor:.3f}, as shipped"
    longer, slower = ("longer", "slower") if factor > 1 else ("shorter", "faster")
    return (
        f"predicted times x {factor:.3f}, {100 * abs(factor - 1):.1f} % {longer} than shipped"
        f" ({slower})"
    )
