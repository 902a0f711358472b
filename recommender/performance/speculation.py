"""Speculative decoding: what a step that verifies drafts costs, and what it yields.

    v = k + 1            tokens of every sequence that a step computes: k drafts and one more
    A                    tokens that it gains in the mean, 1 <= A <= v (mean accepted length)
    t(B)                 = t_linear(v*B) + attention_v(S) + k * t_draft(B)
    t_draft(B)           = [t_linear(B) + attention_1(S)] / L + t_head(B)
    prompts              d, q * (1 + 1/L)

Matrices, experts, transfers and the output head see v*B tokens; the host schedules and samples B
sequences, once each. The cache of a sequence is read once for all v, while their attention is
computed v times. A draft is made by one layer of the model and its output head (multi-token
prediction of DeepSeek-V3, arXiv:2412.19437, section 2.2; EAGLE, arXiv:2401.15077), one after the
other. That layer has weights and a cache of its own: each draft reads the cache, and every prompt
passes through the layer. Where reading sets the pace, g is that of a plain step * (1 + k/L).

Symbol  Meaning                                                             Unit
B, S    decoding sequences of a rank, sum of their contexts                 count, tokens
L       layers of the stage, of which drafting adds one                     count
"""

from dataclasses import dataclass, replace

import numpy as np

from recommender.performance.constants import Constants
from recommender.performance.layout_table import Floats
from recommender.performance.stage import Stage, Work
from recommender.performance.step_time import context_token_s, linear_step_s
from recommender.sizing.number import Number
from recommender.sizing.roofline import smooth_max

DRAFT_LAYERS = 1.0


@dataclass(frozen=True, slots=True)
class Speculation:
    """Drafts per step k, and tokens that a sequence gains per step A."""

    drafts: int
    accepted: float

    @property
    def verified(self) -> float:
        """v."""
        return float(self.drafts + 1)

    @property
    def draft_layers(self) -> float:
        """Layers of weights and cache that drafting adds."""
        return DRAFT_LAYERS if self.drafts else 0.0


NO_SPECULATION = Speculation(0, 1.0)


def verifying_step_s(
    stage: Stage,
    constants: Constants,
    speculation: Speculation,
    *,
    sequences: Floats,
    prompt_tokens: Floats,
    prompt_ranks: Floats,
    context_tokens: Number = 0.0,
) -> Floats:
    """Time of a step without attention over contexts, drafting included, shape (n,) [s].

    Dispatch and combine may hide behind the attention of the decodes, over `context_tokens` each.
    """
    attended = attention_s(stage.decode, stage, constants, speculation) * context_tokens
    verify = linear_step_s(
        stage,
        constants,
        sequences=speculation.verified * sequences,
        prompt_tokens=prompt_tokens,
        prompt_ranks=prompt_ranks,
        scheduled=sequences,
        attention_s=attended * sequences,
    )
    if not speculation.drafts:
        return verify
    return np.asarray(verify + speculation.drafts * _draft_s(stage, constants, sequences))


def attention_s(work: Work, stage: Stage, constants: Constants, speculation: Speculation) -> Floats:
    """Attention per unit of this work: of v tokens that share its cache, and of k drafts [s]."""
    verify = replace(work, flop_s=work.flop_s * speculation.verified)
    drafting = speculation.drafts * DRAFT_LAYERS * context_token_s(work, constants) / stage.layers
    return np.asarray(context_token_s(verify, constants) + drafting)


def prompt_layers(stage: Stage, speculation: Speculation) -> Floats:
    """1 + 1/L: layers that a prompt passes through, over those of the model's stage."""
    return np.asarray(1.0 + speculation.draft_layers / stage.layers)


def _draft_s(stage: Stage, constants: Constants, sequences: Floats) -> Floats:
    layers = linear_step_s(
        stage,
        constants,
        sequences=sequences,
        prompt_tokens=np.zeros_like(sequences),
        prompt_ranks=np.ones_like(sequences),
        scheduled=np.zeros_like(sequences),
    )
    head = smooth_max(
        stage.head.flop_s * sequences / constants.compute_share,
        stage.head.read_s / constants.bandwidth_share,
        sharpness=constants.sharpness,
    )
    return np.asarray(DRAFT_LAYERS * (layers - constants.step_s) / stage.layers + head)
