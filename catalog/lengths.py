"""Reading the (input, output) token pairs of a workload preset. Imports numpy."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.errors import CatalogError

Tokens = npt.NDArray[np.int64]


def read_lengths(path: Path) -> tuple[Tokens, Tokens]:
    """Pairs of a CSV with the columns input_tokens, output_tokens; each shape (n,) [tokens]."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            header = lines.readline().strip()
            pairs = np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except ValueError as error:
        raise CatalogError(str(error), file=str(path), hint="whole numbers of tokens") from error
    if header != "input_tokens,output_tokens" or pairs.size == 0 or pairs.min() < 1:
        raise CatalogError(
            "is not a list of lengths",
            file=str(path),
            hint="header input_tokens,output_tokens, then pairs of at least 1",
        )
    return pairs[:, 0].copy(), pairs[:, 1].copy()
