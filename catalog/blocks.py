"""Weights that share a scale, where that limits how a model can be cut.

A checkpoint quantised in blocks (`fp8/e4m3/block[128, 128]`) must be cut at whole blocks. A model
that is quantised on loading has one scale per output channel, which every cut keeps: then the
precision's own block counts (int4 groups of 128, NVFP4 groups of 16, fp8 and int8 none).
"""

import re

from catalog.schema import LanguageModel, Precision

_BLOCK = re.compile(r"block\s*\[\s*(\d+)\s*,\s*(\d+)\s*\]")


def quantisation_block(model: LanguageModel, precision: Precision) -> int:
    """Weights along a cut dimension that share a scale: every cut is a multiple [count]."""
    if precision.name != model.native_precision:
        return precision.block
    stated = _BLOCK.search(model.native_quantisation or "")
    return max(int(stated[1]), int(stated[2])) if stated else precision.block
