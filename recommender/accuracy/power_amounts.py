"""Power of questions: accelerators that run their load without pause, and their node.

power    of one accelerator from its work (`recommender.performance.work_rate`, `sizing.power`)
node     (accelerators of the node + host) * (1 + fans)      host loaded
energy   power of all accelerators / output rate
"""

import numpy as np

from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats
from recommender.performance.work_rate import work_rate
from recommender.sizing import power


def power_amounts(timing: Timing, output_rate: Floats) -> dict[str, Floats]:
    """Power quantities of all questions by name: W, share of TDP, J per output token."""
    table, stage = timing.table, timing.table.stage
    rate = work_rate(
        stage,
        step_s=timing.tpot * table.gain,
        sequences=timing.batch,
        context=table.context,
        prompt_per_output=table.computed * table.gain / table.outputs,
        verified=1.0 + table.drafts,
    )
    one = power.working_power_w(
        tdp_w=table.tdp_w,
        read_bytes_per_s=rate.read * table.read_bytes_per_s,
        flop_per_s=rate.compute * table.flop_per_s,
        compute_bits=stage.compute_bits,
    )
    everything = np.asarray(one * table.accelerators)
    host = power.host_power_w(accelerators=table.accelerators, utilisation=1.0)
    return {
        "power_one": np.asarray(one),
        "power_all": everything,
        "power_share": np.asarray(one / table.tdp_w),
        "power_node": np.asarray(power.node_power_w(accelerators_w=everything, host_w=host)),
        "energy": everything / output_rate,
    }
