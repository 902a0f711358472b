"""Reading the (input, output) token pairs of a workload preset. Imports numpy."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.delimited import decode
from catalog.errors import CatalogError

Tokens = npt.NDArray[np.int64]


def read_lengths(path: Path) -> tuple[Tokens, Tokens]:
    """Pairs of a CSV with the columns input_tokens, output_tokens; each shape (n,) [tokens]."""
    header, _, body = decode(path).partition("\n")
    try:
        lines = body.split()
        pairs = (
            np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
            if lines
            else np.empty(0, dtype=np.int64)
        )
    except ValueError as error:
        raise CatalogError(str(error), file=str(path), hint="whole numbers of tokens") from error
    if header.strip() != "input_tokens,output_tokens" or pairs.ndim != 2 or pairs.min() < 1:
        raise CatalogError(
            "is not a list of lengths",
            file=str(path),
            hint="header input_tokens,output_tokens, then pairs of at least 1",
        )
    return pairs[:, 0].copy(), pairs[:, 1].copy()
