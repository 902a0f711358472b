"""Step times of deployments with and without drafts, whose numbers of drafts differ.

    t_k(B, S, P) = v*B tokens verified, k drafted, and the prompts that ride along

Physics and symbols: `recommender.performance.speculation`, as plans have them. Captured graphs pad
steps without drafts only: with them, what is captured is not known.
"""

import numpy as np

from recommender.performance.constants import Constants, take_rows
from recommender.performance.layout_table import Floats
from recommender.performance.speculation import Speculation, attention_s, verifying_step_s
from recommender.performance.stage import Stage, take_stages
from recommender.performance.step_time import prompt_pair_s, step_s


def steps_s(
    stage: Stage,
    constants: Constants,
    drafts: Floats,
    *,
    sequences: Floats,
    context: Floats,
    prompt_tokens: Floats,
    prompt_context_tokens: Floats,
    prompt_ranks: Floats,
    padded: Floats | float = 0.0,
) -> Floats:
    """Time of one engine step with attention, shape (n,) [s].

    `context` of each of the decoding `sequences`, `prompt_context_tokens` that a prompt token
    attends to, `drafts` per sequence and step.
    """
    found = step_s(
        stage,
        constants,
        sequences=sequences,
        context_tokens=sequences * context,
        prompt_tokens=prompt_tokens,
        prompt_context_tokens=prompt_context_tokens,
        prompt_ranks=prompt_ranks,
        padded=padded,
    )
    for number in np.unique(drafts[drafts > 0]):
        drafting = (drafts == number) & (sequences > 0)  # nobody drafts in a step of prompts alone
        rows = np.flatnonzero(drafting)
        found[rows] = _verified_s(
            take_stages(stage, rows),
            take_rows(constants, rows),
            Speculation(int(number), 1.0),  # what is gained does not change the step
            sequences=sequences[rows],
            context=context[rows],
            prompt_tokens=prompt_tokens[rows],
            prompt_context_tokens=prompt_context_tokens[rows],
            prompt_ranks=prompt_ranks[rows],
        )
    return found


def _verified_s(
    stage: Stage,
    constants: Constants,
    speculation: Speculation,
    *,
    sequences: Floats,
    context: Floats,
    prompt_tokens: Floats,
    prompt_context_tokens: Floats,
    prompt_ranks: Floats,
) -> Floats:
    linear = verifying_step_s(
        stage,
        constants,
        speculation,
        sequences=sequences,
        prompt_tokens=prompt_tokens,
        prompt_ranks=prompt_ranks,
        context_tokens=context,
    )
    attended = attention_s(stage.decode, stage, constants, speculation) * context
    window = attention_s(stage.window, stage, constants, speculation)
    pairs = prompt_pair_s(stage, constants) * prompt_tokens * prompt_context_tokens
    return np.asarray(linear + (attended + window) * sequences + pairs)
