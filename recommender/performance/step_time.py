"""Time of one engine step of the fullest stage, not yet linear, without attention.

    t(B, P) = smax(F_l*T, R_l) + smax(F_h*B, R_h) + smax(F_x*pairs, R_x*used)
              + token_transfer*T + sequence*B + fixed,                 T = B + P

    pairs   tokens of all ranks, times k, on the busiest accelerator
    used    distinct experts read by the busiest accelerator

Symbol  Meaning                                                                  Unit
B, P    decoding sequences and prompt tokens of one attention rank               count
m       ranks that process a prompt chunk in the same step, 1..adp               count

All experts see adp*B + m*P tokens; matrices outside them see only their own rank's. Weights
are read once per step, so prompt tokens that ride along with decodes pay only for arithmetic,
transfers and experts that nobody else used.
"""

import numpy as np

from recommender.performance.layout_table import Floats
from recommender.performance.stage import Stage
from recommender.sizing import decode
from recommender.sizing.roofline import smooth_max


def linear_step_s(
    stage: Stage, *, sequences: Floats, prompt_tokens: Floats, prompt_ranks: Floats
) -> Floats:
    """Time of one engine step without attention, shape (n,) [s]."""
    tokens = sequences + prompt_tokens
    matrices = smooth_max(
        stage.matrices.flop_s * tokens, stage.matrices.read_s, sharpness=stage.sharpness
    )
    head = smooth_max(stage.head.flop_s * sequences, stage.head.read_s, sharpness=stage.sharpness)
    routed = stage.table.adp * sequences + prompt_ranks * prompt_tokens
    return np.asarray(
        matrices
        + head
        + _experts_s(stage, routed)
        + stage.transfer.token_s * tokens
        + stage.sequence_s * sequences
        + stage.fixed_s
    )


def _experts_s(stage: Stage, tokens: Floats) -> Floats | float:
    """Routed experts for the tokens of all ranks [s]."""
    shape = stage.shape
    if not shape.experts:
        return 0.0
    used = decode.distinct_experts(
        experts=shape.experts, experts_per_token=shape.experts_per_token, tokens=tokens
    )
    hottest = decode.hottest_rank_experts(
        experts=shape.experts, used_experts=used, ranks=stage.table.ep
    )
    pairs = decode.hottest_rank_tokens(
        tokens=tokens, experts_per_token=shape.experts_per_token, ranks=stage.table.ep
    )
    return np.asarray(
        smooth_max(
            stage.expert.flop_s * pairs, stage.expert.read_s * hottest, sharpness=stage.sharpness
        )
    )


def step_s(
    stage: Stage,
    *,
    sequences: Floats,
    context_tokens: Floats,
    prompt_tokens: Floats,
    prompt_context_tokens: Floats,
    prompt_ranks: Floats,
) -> Floats:
    """Time of one engine step with attention, shape (n,) [s].

    `context_tokens` summed over the decoding sequences, `prompt_context_tokens` the mean context
    that a prompt token attends to.
    """
    return np.asarray(
        linear_step_s(
            stage,
            sequences=sequences,
            prompt_tokens=prompt_tokens,
            prompt_ranks=prompt_ranks,
        )
        + stage.attention.context_s * context_tokens
        + stage.attention.sequence_s * sequences
        + stage.attention.prompt_pair_s * prompt_tokens * prompt_context_tokens
    )
