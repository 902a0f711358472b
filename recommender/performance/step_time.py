"""Time of one engine step of the fullest stage.

    t(B, S, P) = smax(F_l*T/e_c, R_l/e_m) + smax(F_h*B/e_c, R_h/e_m)
               + smax(F_x*(pairs + tile*used)/e_cx, R_x*used/e_x)
               + smax(F_a*S/e_ad, R_a*S/e_kv) + F_p*P*ctx/e_a
               + collectives + x + launches + host,                          T = B + P

    pairs   (token, expert) pairs of all ranks on the busiest accelerator
    used    distinct experts read by the busiest accelerator

Symbol  Meaning                                                                  Unit
B, P    decoding sequences and prompt tokens of one attention rank               count
S       sum of the contexts of the decoding sequences                            tokens
m       ranks that process a prompt chunk in the same step, 1..adp               count
tile    rows of a matrix tile that an expert's tokens leave empty, in the mean   tokens
F_*     arithmetic of one token at the peak: of layers l, output head h,         s
        experts x, attention a to a context token, a prompt's pair p (`Stage`)
R_*     reads at the peak: weights once per step, cache per context token        s
e_*     shares of the peaks that kernels reach (`catalog.calibration`)           1

All experts see adp*B + m*P tokens; matrices outside them see only their own rank's. Weights
are read once per step, so prompt tokens that ride along with decodes pay only for arithmetic,
transfers and experts that nobody else used.

Dispatch and combine x are summed to the work c of the device, unless the engine can hide them:
then `overlap` says what of two halves of the batch stays visible, and the faster way is taken.
"""

import numpy as np

from recommender.performance.constants import Constants
from recommender.performance.layout_table import Floats
from recommender.performance.overlap import two_halves_s
from recommender.performance.stage import Stage, Work
from recommender.sizing import decode
from recommender.sizing.number import Number
from recommender.sizing.roofline import smooth_max


def linear_step_s(
    stage: Stage,
    constants: Constants,
    *,
    sequences: Floats,
    prompt_tokens: Floats,
    prompt_ranks: Floats,
    scheduled: Floats | None = None,
    attention_s: Number = 0.0,
    padded: Floats | float = 0.0,
) -> Floats:
    """Time of one engine step without attention over contexts, shape (n,) [s].

    `scheduled` sequences cost the host time; those that decode, unless a sequence has several
    tokens in the step (`speculation`). `attention_s` is the attention of the step, which is not
    in the result: dispatch and combine may hide behind it. `padded` rows of a captured graph are
    multiplied with the matrices as well, and belong to nobody.
    """
    hosted = sequences if scheduled is None else scheduled
    host = constants.step_s + constants.sequence_s * hosted
    whole = _device_s(stage, constants, sequences, prompt_tokens, prompt_ranks, padded)
    sent = exchange_s(stage, constants, sequences, prompt_tokens)
    summed = whole + sent
    if not stage.overlaps.any():
        return np.asarray(summed + host)
    half = _device_s(stage, constants, sequences / 2, prompt_tokens / 2, prompt_ranks, padded / 2)
    half_sent = exchange_s(stage, constants, sequences / 2, prompt_tokens / 2)
    in_halves = two_halves_s(half_s=half, half_exchange_s=half_sent, attention_s=attention_s)
    faster = np.where(stage.overlaps > 0, np.minimum(summed, in_halves), summed)
    return np.asarray(faster + host)


def step_s(
    stage: Stage,
    constants: Constants,
    *,
    sequences: Floats,
    context_tokens: Floats,
    prompt_tokens: Floats,
    prompt_context_tokens: Floats,
    prompt_ranks: Floats,
    padded: Floats | float = 0.0,
) -> Floats:
    """Time of one engine step with attention, shape (n,) [s].

    `context_tokens` summed over the decoding sequences, `prompt_context_tokens` the mean context
    that a prompt token attends to.
    """
    attention = (
        context_token_s(stage.decode, constants) * context_tokens
        + context_token_s(stage.window, constants) * sequences
        + prompt_pair_s(stage, constants) * prompt_tokens * prompt_context_tokens
    )
    linear = linear_step_s(
        stage,
        constants,
        sequences=sequences,
        prompt_tokens=prompt_tokens,
        prompt_ranks=prompt_ranks,
        attention_s=attention,
        padded=padded,
    )
    return np.asarray(linear + attention)


def context_token_s(work: Work, constants: Constants) -> Floats:
    """Decode attention per unit of this work, shape (n,) [s]."""
    return np.asarray(
        smooth_max(
            work.flop_s / constants.decode_attention_share,
            work.read_s / constants.kv_bandwidth_share,
            sharpness=constants.sharpness,
        )
    )


def prompt_pair_s(stage: Stage, constants: Constants) -> Floats:
    """Prefill attention per (prompt token, context token), shape (n,) [s]."""
    return np.asarray(stage.prompt_pair_s / constants.attention_compute_share)


def format_share(stage: Stage, constants: Constants) -> Number:
    """What kernels of narrow formats reach of their peak, against 16-bit ones [1].

    Matrix units double their peak with each halving of the width. A fit that saw few 16-bit runs
    can leave 8-bit kernels below half of their peak; then 16-bit ones are held to what 8-bit ones
    reach, since no kernel multiplies faster in the wider format.
    """
    eight = constants.eight_bit_share
    narrow = np.where(stage.compute_bits < 8, constants.four_bit_share, eight)
    return np.where(stage.compute_bits > 8, np.minimum(1.0, 2.0 * eight), narrow)


def _matrix_s(work: Work, constants: Constants, tokens: Floats, share: Number) -> Number:
    return smooth_max(
        work.flop_s * tokens / (constants.compute_share * share),
        work.read_s / constants.bandwidth_share,
        sharpness=constants.sharpness,
    )


def _experts_s(stage: Stage, constants: Constants, tokens: Floats) -> Number:
    """Routed experts for the tokens of all ranks [s]."""
    if not stage.experts.any():
        return 0.0
    experts = np.maximum(stage.experts, 1.0)
    ranks = np.maximum(stage.ep, 1.0)
    share = np.minimum(stage.experts_per_token / experts, 1 - 1e-9)
    used = decode.distinct_experts(
        experts=experts, experts_per_token=share * experts, tokens=tokens
    )
    hottest = decode.hottest_rank_experts(experts=experts, used_experts=used, ranks=ranks)
    pairs = decode.hottest_rank_tokens(
        tokens=tokens, experts_per_token=stage.experts_per_token, ranks=ranks
    )
    return smooth_max(
        stage.expert.flop_s
        * (pairs + constants.tile_tokens * hottest)
        / (constants.expert_compute_share * format_share(stage, constants)),
        stage.expert.read_s * hottest / constants.expert_bandwidth_share,
        sharpness=constants.sharpness,
    )


def _device_s(
    stage: Stage,
    constants: Constants,
    sequences: Floats,
    prompt_tokens: Floats,
    prompt_ranks: Floats,
    padded: Floats | float,
) -> Number:
    """Work of the device without attention and without dispatch and combine [s]."""
    tokens = sequences + prompt_tokens
    routed = stage.adp * sequences + prompt_ranks * prompt_tokens
    busy = (
        _matrix_s(stage.matrices, constants, tokens + padded, format_share(stage, constants))
        + _matrix_s(stage.head, constants, sequences, 1.0)
        + _experts_s(stage, constants, routed)
    )
    reduced = constants.collective_scale * (stage.reduce_latency_s + stage.reduce_token_s * tokens)
    pairs = stage.blocks / 2  # of attention and feed-forward: what a fitted layer is
    launches = constants.layer_s * pairs + constants.expert_layer_s * stage.expert_layers
    graphless = np.where(prompt_tokens > 0, constants.prompt_layer_s * pairs, 0.0)
    return busy + reduced + launches + graphless


def exchange_s(
    stage: Stage, constants: Constants, sequences: Floats, prompt_tokens: Floats
) -> Floats:
    """Dispatch and combine of all layers [s].

    What an engine adds to each exchange is fitted, as a multiple of its latency; transfers are
    those of measured kernels.
    """
    transfer = stage.exchange_token_s * sequences + stage.exchange_prompt_token_s * prompt_tokens
    return np.asarray(constants.exchange_scale * stage.exchange_latency_s + transfer)
