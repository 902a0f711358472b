"""Dispatch and combine behind the work of another half of the batch (two-batch overlap).

    t(B) = min( c(B) + x(B),  c_2 + (1-h)*x_2 + max(0, h*x_2 - c_2 - attention) )
    c_2  = 2 c(B/2)          x_2 = 2 x(B/2)

One half computes while the other exchanges. Halves read all weights and launch all kernels twice:
c_2 > c(B), so small batches are faster whole, and engines split only from a size on. What the
first half sends before there is anything to hide it behind, one layer of all, is left out.

Symbol     Meaning                                                                   Unit
c, x       work of the device without attention; dispatch and combine                s
attention  of the step: linear in the batch, the same for halves                     s
h          share of dispatch and combine that can be hidden: while a message is on   1
           its way; kernels that send and receive occupy the device's processors

Limits, with the attention: h = 0 is the sum of both, h = 1 is max(c_2 + attention, x_2).

h = 2/3 is what SGLang's ablations on H100 show (Large-scale EP, LMSYS 2025-05-05), with the times
of the same exchange alone from the operator tables of aiconfigurator-core 0.12.0 (DeepSeek-V3, 58
layers with experts):

    decodes, 72 ranks, 256 sequences each   115.2 -> 91.9 ms, halves compute 11 ms longer (this
                                            model): 34 of 52 ms hidden, 0.66
    prompts, 32 ranks, 8,192 tokens each    27 to 35 % faster than 2.6 s for twice as many: 0.7 to
                                            0.9 of 1.2 s hidden, 0.59 to 0.77

Inside a rack the exchange is short, and engines leave overlap off (SGLang on GB200 NVL72, LMSYS
2025-06-16); so does this model, whose constants are fitted to runs without it.

Source of the schedule: dual micro-batches of DeepSeek-V3 (arXiv:2412.19437, section 3.4;
deepseek-ai/profile-data); SGLang `--enable-two-batch-overlap`, vLLM `--enable-dbo`
(docs/design/dbo.md).
"""

import numpy as np

from recommender.sizing.number import Number

HIDDEN_SHARE = 2.0 / 3.0


def two_halves_s(
    *,
    half_s: Number,
    half_exchange_s: Number,
    attention_s: Number,
    hidden_share: Number = HIDDEN_SHARE,
) -> Number:
    """Time of a step in two halves without its attention [s]."""
    work, sent = 2 * half_s, 2 * half_exchange_s
    in_the_open = np.maximum(0.0, hidden_share * sent - work - attention_s)
    return work + (1 - hidden_share) * sent + in_the_open
