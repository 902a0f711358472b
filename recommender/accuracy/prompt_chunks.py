"""Prompts cut to the token budget of a step, and what a stated budget adds to their time.

    P   = clip(B*A/o * c, min(c, C'), C')            prompt tokens of a step that carries some
    C'  = max(C - v*B, C * c/(c + v*o/A))            decodes come first; SGLang counts prompts alone
    m   = c / P                                      steps of one prompt
    own first token  + max(m - 1, 0) * D             it waits for whole steps, decodes included
    all others       + max(B*m - o/A - max(m - 1, 0), 0) * t(0, 0)

Where the row states no budget, C' = 8192 tokens, which no decode takes from, and nothing is added:
constants are fitted to that. Where prompts fill more steps than an answer has (B*m > o/A), decodes
are spread over them and each further step takes its launches and weights. If all B decoded in each
step they would leave prompts C - v*B; they do not, where prompts are long: of all tokens that are
computed, prompts are the share c/(c + v*o/A).

Symbol  Meaning                                                               Unit
B, o    sequences in flight per attention rank, output tokens of each         count
c       prompt tokens that are computed: none that a prefix cache held        tokens
C       stated budget of a step                                               tokens
v, A    tokens that a step verifies and gains per sequence; 1 without drafts  tokens
D       step of the decodes                                                   s
"""

import numpy as np

from recommender.accuracy.resolve import CHUNK_TOKENS
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.performance.layout_table import Floats


def chunk_tokens(table: ScenarioTable, batch: Floats) -> Floats:
    """P, shape (n,) [tokens]."""
    most = _room(table, batch)
    starting = batch / table.outputs * table.computed * table.gain
    return np.asarray(np.clip(starting, np.minimum(table.computed, most), most))


def most_prompts(table: ScenarioTable, batch: Floats) -> Floats:
    """Prompts that a step has room for, C'/c, shape (n,) [count]."""
    return np.asarray(_room(table, batch) / table.computed)


def later_steps(table: ScenarioTable, chunks: Floats) -> Floats:
    """Steps of a prompt after its first, m - 1, of stated budgets, else 0, shape (n,) [count]."""
    return np.where(np.isnan(table.step_tokens), 0.0, np.maximum(chunks - 1.0, 0.0))


def further_steps(table: ScenarioTable, batch: Floats, chunks: Floats) -> Floats:
    """Steps of all prompts of a batch beyond those of an answer, the same way [count]."""
    answer = table.outputs / table.gain + later_steps(table, chunks)
    further = np.maximum(batch * chunks - answer, 0.0)
    return np.where(np.isnan(table.step_tokens), 0.0, further)


def _room(table: ScenarioTable, batch: Floats) -> Floats:
    """C'."""
    verified = (1.0 + table.drafts) * table.decodes_in_budget
    share = table.computed / (table.computed + verified * table.outputs / table.gain)
    left = np.maximum(table.step_tokens - verified * batch, share * table.step_tokens)
    return np.where(np.isnan(table.step_tokens), CHUNK_TOKENS, np.maximum(left, 1.0))
