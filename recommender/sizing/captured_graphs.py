"""Rows that a decode step computes when engines replay captured graphs of fixed sizes.

    B <= 4: 1, 2, 4        up to 256: the next multiple of 8        up to 512: of 16

Graphs are captured for these batches, and a batch between two of them is padded to the larger one;
beyond the largest, steps run without a graph and without padding. Source: vLLM,
`CompilationConfig.cudagraph_capture_sizes` (docs.vllm.ai, 2026); SGLang captures the same in steps
of 8, and 12 (`cuda_graph_bs`). TensorRT-LLM pads to captured sizes only where it is told to
(`cuda_graph_config.enable_padding`), and runs others without a graph.
"""

import numpy as np
import numpy.typing as npt

LARGEST = 512.0
FIRST = (1.0, 2.0, 4.0)


def padded_rows(sequences: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows of a step of so many sequences, shape (n,) [count]."""
    whole = np.ceil(sequences - 1e-9)
    few = np.select([whole <= size for size in FIRST], FIRST, 0.0)
    some = np.where(whole <= 256, 8 * np.ceil(whole / 8), 16 * np.ceil(whole / 16))
    padded = np.where(whole <= FIRST[-1], few, some)
    return np.where(whole <= LARGEST, np.maximum(padded, sequences), sequences)
