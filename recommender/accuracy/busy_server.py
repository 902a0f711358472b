"""What closed loops ask of a server at once, beside its accelerators' work.

    R = r * B / ((W + B * c * k) / m)        tokens per second to stream
    P = r * N * i                            prompt tokens that arrive together at the start

Symbol   Meaning                                                          Unit
r        attention ranks of one replica                                    count
N, B     requests in flight per rank, and those with room                  count
W, k     weights and cache per token of one accelerator                    B
c, i     mean context, prompt that is computed                                            tokens
m        memory bandwidth                                                  B/s

R is what steps that only read would allow: where it is high, the HTTP frontend, one process that
turns every token into text and a packet, has to keep up with the accelerators, and first tokens
wait behind the tokens of others (TensorRT-LLM 1.0, Llama-3.1-8B on 4 and 8 H100: 9,000 tokens per
second at the most, whatever the layout; 0.1 s to the first token at 32 requests, 2 s at 128).
Where P is high, some engines met shapes of prompts that no kernel was compiled for (SGLang 2025-11,
DeepSeek in fp4 on B200: 0.4 to 0.9 s below 32,768 tokens, 5 to 9 s from there, whatever the number
of requests).
"""

import numpy as np
import numpy.typing as npt

from recommender.accuracy.scenario_table import ScenarioTable
from recommender.performance.layout_table import Floats

BUSY_TOKENS_PER_S = 32768.0
BURST_TOKENS = 32768.0

Mask = npt.NDArray[np.bool_]


def is_busy(table: ScenarioTable, batch: Floats, *, ranks: Floats) -> Mask:
    """Whether R is high, shape (n,); `ranks` are those of a replica."""
    read = table.weight_bytes + batch * table.context * table.kv_bytes_per_token
    return np.asarray(ranks * batch * table.read_bytes_per_s / read >= BUSY_TOKENS_PER_S)


def is_burst(table: ScenarioTable, *, ranks: Floats) -> Mask:
    """Whether P is high, shape (n,); not where no requests in flight are reported."""
    tokens = ranks * np.nan_to_num(table.concurrency) * table.computed
    return np.asarray(tokens >= BURST_TOKENS)
