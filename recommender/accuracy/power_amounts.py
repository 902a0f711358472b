"""Power of questions: accelerators that run their load without pause.

    power    TDP * f(m, c) of `recommender.sizing.power` per accelerator
    energy   power of all accelerators / output rate

m and c are the time of a decode step's bytes and FLOP at the datasheet's peaks over the time
per output token.
"""

import numpy as np

from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats
from recommender.sizing import decode, power


def power_amounts(timing: Timing, output_rate: Floats) -> dict[str, Floats]:
    """Power quantities of all questions by name: W, share of TDP, J per output token."""
    table, stage, batch = timing.table, timing.table.stage, timing.batch
    experts = np.maximum(stage.experts, 1.0)
    per_token = np.minimum(stage.experts_per_token, experts - 1e-9)
    tokens = stage.adp * batch
    used = decode.distinct_experts(experts=experts, experts_per_token=per_token, tokens=tokens)
    ranks = np.maximum(stage.ep, 1.0)
    pairs = tokens * stage.experts_per_token / ranks
    context = batch * table.context
    read = stage.matrices.read_s + stage.head.read_s + stage.window.read_s * batch
    read = read + stage.expert.read_s * used / ranks + stage.decode.read_s * context
    flop = (stage.matrices.flop_s + stage.head.flop_s) * batch
    flop = flop + stage.expert.flop_s * pairs + stage.decode.flop_s * context
    one = power.working_power_w(
        tdp_w=table.tdp_w,
        read_utilisation=read / timing.tpot,
        compute_utilisation=flop / timing.tpot,
    )
    everything = np.asarray(one * table.accelerators)
    return {
        "power_one": np.asarray(one),
        "power_all": everything,
        "power_share": np.asarray(one / table.tdp_w),
        "energy": everything / output_rate,
    }
