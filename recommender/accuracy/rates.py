"""Speed quantities of questions: rates and times in our units (tokens/s of the system, s).

closed, static   rate = ranks * B * o / (TTFT + (o - 1) * TPOT), TTFT of requests that have room
offline, server  rate = ranks * B / TPOT
speculation      in `timing`
"""

from collections.abc import Sequence

import numpy as np

from recommender.accuracy.load import Load
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats
from recommender.performance.step_time import context_token_s
from recommender.sizing.number import Number

MOSTLY_WITHOUT_PROMPT = 0.5
"""The median step carries no prompt when fewer than this many start per step."""


def speeds(
    timing: Timing, loads: Sequence[Load], *, first_token: Number = 1.0
) -> dict[str, Floats]:
    """All speed quantities of all questions, by name, each of shape (n,).

    `first_token` is a factor on the first token of closed loops (`first_token`). It makes no answer
    shorter than the prompts of all that are in flight: short answers are little else.
    """
    table, batch = timing.table, timing.batch
    static = np.array([load.kind == "static" for load in loads])
    closed = np.array([load.kind == "closed" for load in loads])
    full = np.array([load.kind in ("offline", "server") for load in loads])
    tpot = np.where(static, timing.decode, timing.tpot)
    decoded = (table.outputs - 1) * tpot
    all_prompts = np.minimum(timing.ttft, batch * timing.prompt - decoded)
    first = np.maximum(timing.ttft * first_token, all_prompts)
    ttft = np.where(static, timing.static_prefill, first)
    served = ttft + decoded
    sequences = table.ranks * batch
    rate = sequences * np.where(full, 1 / tpot, table.outputs / served)
    wait = np.where(closed, timing.excess * served, 0.0)
    quiet = table.gain * batch / table.outputs < MOSTLY_WITHOUT_PROMPT
    step = timing.constants.step
    return {
        "output_rate": rate,
        "total_rate": rate * (table.inputs + table.outputs) / table.outputs,
        "input_rate": rate * table.inputs / table.outputs,
        "request_rate": rate / table.outputs,
        "decode_rate": sequences / timing.decode,
        "prefill_rate": sequences * table.inputs / timing.static_prefill,
        "prefill": timing.static_prefill,
        "ttft": ttft + wait,
        "decode": timing.decode,
        "tpot": tpot,
        "itl": np.where(quiet, timing.decode, tpot),
        "e2e": served + wait,
        "decode_empty": timing.decode_at(np.zeros_like(batch)),
        "context_slope": batch * context_token_s(table.stage.decode, step),
    }
