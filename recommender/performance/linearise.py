"""The step law as a line through the smooth roofline around a stated operating point.

    decode    t(B) ~ (1 + e/2) * chord through B_hi/8 and B_hi
    prefill   d = [t(B_m, P_o) - t(B_m, 0)] / P_o                 marginal cost of prompt tokens

Symbol  Meaning                                                                     Unit
B_hi    sequences per stage and rank when full: min(max_batch, K/c) / pp, >= 2      count
B_m     geometric mean of B_hi/8 and B_hi                                           count
e       deviation of t from the chord at B_m; half of it is shared out, so the law
        is e/2 high at the ends and e/2 low in the middle                           1
P_o     prompt tokens in a step: min(chunk - v*B_m, mean prompt of a prompt token)  tokens
v       tokens of a sequence in a step: 1, or its drafts and one more               count
m       ranks with a prompt in the same step: 1 + (adp-1)*phi, with
        phi = min(1, B_hi*pp*A*E[i]/E[o] / P_o / pp), the share of steps in which a
        full rank has one; A output tokens per sequence and step                    count

The chord runs below the curve towards small batches. It is turned about its value at B_hi where
it would promise a lone sequence less than the time to read the weights at the datasheet's
bandwidth:

    t(1) >= R_matrices + R_head + R_expert * k/ep

Attention is linear already. The deviation of the decode chord (e/2) and of the prefill chord
at P_o/4 (half) are added in quadrature to the relative error.
"""

from dataclasses import dataclass

import numpy as np

from recommender.performance.constants import Constants
from recommender.performance.layout_table import Floats
from recommender.performance.moments import Moments
from recommender.performance.speculation import NO_SPECULATION, Speculation, verifying_step_s
from recommender.performance.stage import Stage
from recommender.sizing.concurrency import concurrent_sequences
from recommender.sizing.number import Number

RANGE = 8.0
"""The chord spans a full batch and an eighth of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """Coefficients of one stage in one engine step, and the error of the line, shape (n,)."""

    fixed_s: Floats
    sequence_s: Floats
    prompt_token_s: Floats
    error: Floats


def linearise(
    stage: Stage,
    constants: Constants,
    *,
    max_batch: Floats,
    chunk_tokens: Floats,
    kv_tokens: Floats,
    moments: Moments,
    speculation: Speculation = NO_SPECULATION,
) -> Line:
    """The line around the operating point of each layout."""
    low, high = batch_range(
        stage, max_batch=max_batch, kv_tokens=kv_tokens, context_tokens=moments.context_tokens
    )
    middle = np.sqrt(low * high)
    prompt, prompt_ranks = _prompts_in_a_step(
        stage, chunk_tokens, moments, speculation, middle=middle, high=high
    )

    def step(sequences: Floats, prompt_tokens: Floats) -> Floats:
        return verifying_step_s(
            stage,
            constants,
            speculation,
            sequences=sequences,
            prompt_tokens=prompt_tokens,
            prompt_ranks=prompt_ranks,
            context_tokens=moments.context_tokens,
        )

    none = np.zeros_like(high)
    at_low, at_high, at_middle = step(low, none), step(high, none), step(middle, none)
    fixed, slope, bend = chord(at_low, at_high, at_middle, low=low, high=high, middle=middle)
    with_prompt = step(middle, prompt)
    per_token = (with_prompt - at_middle) / prompt
    quarter = step(middle, prompt / 4)
    prompt_bend = quarter / (at_middle + per_token * prompt / 4) - 1.0
    fixed, slope = _above_floor(fixed, slope, high=high, floor_s=_read_once_s(stage))
    return Line(
        fixed_s=fixed,
        sequence_s=slope,
        prompt_token_s=per_token,
        error=np.hypot(bend / 2, prompt_bend / 2),
    )


def batch_range(
    stage: Stage, *, max_batch: Floats, kv_tokens: Floats, context_tokens: Number
) -> tuple[Floats, Floats]:
    """The batches of a stage that the line spans: B_hi/8, at least 1, and B_hi [count]."""
    together = concurrent_sequences(
        max_batch=max_batch, kv_tokens=kv_tokens, mean_context_tokens=context_tokens
    )
    high = np.maximum(np.asarray(together / stage.pp), 2.0)
    return np.maximum(high / RANGE, 1.0), high


def _prompts_in_a_step(
    stage: Stage,
    chunk_tokens: Floats,
    moments: Moments,
    speculation: Speculation,
    *,
    middle: Floats,
    high: Floats,
) -> tuple[Floats, Floats]:
    """P_o, prompt tokens of a rank in a step that has any, and m, the ranks that have some."""
    room = chunk_tokens - speculation.verified * middle
    prompt = np.maximum(np.minimum(room, moments.prompt_tokens), 1.0)
    busy = np.minimum(1.0, high * speculation.accepted * moments.prompt_per_output / prompt)
    return prompt, 1.0 + (stage.adp - 1.0) * busy


def chord(
    at_low: Number,
    at_high: Number,
    at_middle: Number,
    *,
    low: Number,
    high: Number,
    middle: Number,
) -> tuple[Floats, Floats, Floats]:
    """Intercept, slope and e of the line: half of e is shared out over it."""
    slope = (at_high - at_low) / (high - low)
    intercept = at_low - slope * low
    bend = at_middle / (intercept + slope * middle) - 1.0
    return (
        np.asarray(intercept * (1 + bend / 2)),
        np.asarray(slope * (1 + bend / 2)),
        np.asarray(bend),
    )


def _read_once_s(stage: Stage) -> Floats:
    """Weights that a single token needs, at the datasheet's bandwidth [s]."""
    experts = stage.expert.read_s * stage.experts_per_token / np.maximum(stage.ep, 1.0)
    return np.asarray(stage.matrices.read_s + stage.head.read_s + experts)


def _above_floor(
    fixed_s: Floats, sequence_s: Floats, *, high: Floats, floor_s: Floats
) -> tuple[Floats, Floats]:
    """The line, turned about its value at `high` where it is below `floor_s` at one sequence."""
    slope = np.maximum((fixed_s + sequence_s * high - floor_s) / (high - 1.0), 0.0)
    below = fixed_s + sequence_s < floor_s
    return np.where(below, floor_s - slope, fixed_s), np.where(below, slope, sequence_s)
