"""The catalogue's own error: layer 0 imports nothing from the layers above it."""

from collections.abc import Iterable
from difflib import get_close_matches


class CatalogError(Exception):
    """A row, a file or a name that the catalogue cannot accept.

    The message says file, row, column, the value and what would be right.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.problem, self.file, self.row, self.column, self.hint = problem, file, row, column, hint
        place = ", ".join(
            part
            for part in (
                file,
                None if row is None else f"row {row}",
                None if column is None else f"column {column}",
            )
            if part
        )
        message = f"{place}: {problem}" if place else problem
        super().__init__(f"{message}; {hint}" if hint else message)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint naming the nearest known names, or None."""
    folded: dict[str, str] = {}
    for item in known:
        folded.setdefault(item.casefold(), item)
    query = name.casefold()
    close = get_close_matches(query, folded, n=3, cutoff=0.6)
    close += [key for key in sorted(folded) if query and query in key and key not in close][:3]
    if not close:
        return None
    return "did you mean " + " or ".join(folded[key] for key in close[:3]) + "?"
