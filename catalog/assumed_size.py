"""Models that are only a size, in words: whose architecture was stretched, which sizes are known.

distance of two sizes = |log(N / N')|
"""

import math
from collections.abc import Iterable

from catalog.schema import LanguageModel
from catalog.shapes import STRETCHED

MOST_NAMED = 3


def assumed_size(model: LanguageModel) -> str | None:
    """`no model of the catalogue, assumed is X stretched to this size`; None for a real one."""
    if STRETCHED not in model.source:
        return None
    template = model.source.split(STRETCHED)[1]
    return f"no model of the catalogue, assumed is {template} stretched to this size"


def nearest_sizes(model: LanguageModel, models: Iterable[LanguageModel]) -> str:
    """The nearest sizes that are known, each with one model: `405.9b (meta-llama/...), ...`."""
    by_size: dict[float, str] = {}
    for known in models:
        by_size.setdefault(known.total_params_b, known.id)
    wanted = model.total_params_b
    ordered = sorted(by_size, key=lambda size: abs(math.log(size / wanted)))
    return ", ".join(f"{size:,.1f}b ({by_size[size]})" for size in ordered[:MOST_NAMED])
