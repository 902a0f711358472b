"""Power of a replica at the rate it carries, from how its engine spends its time.

    u_p = lambda_rank * (d*E[I] + q*E[I^2]/2)        share of time on prompts
    n   = lambda_rank * E[O] * tpot                  sequences decoding (Little's law)
    u_d = (1 - exp(-n)) - u_p, at least 0            share of time decoding only

The accelerator then draws idle, decode and prefill shares of its TDP (sizing/power.py).
Shares above one are cut: the replica is busy all the time.

Before a plan is known its power is bounded: with headroom h every replica carries at most
1 / (1 + h) of its largest rate, and n has no bound, so that it is never idle (`busy_power_w`).
"""

from math import exp, inf

from recommender.hardware import Hardware
from recommender.performance.step_law import StepLaw
from recommender.sizing.power import accelerator_power_w, host_power_w, node_power_w
from recommender.workload import Lengths


def replica_power_w(
    *,
    law: StepLaw,
    lengths: Lengths,
    requests_per_s: float,
    tpot_s: float,
    hardware: Hardware,
    accelerators: float,
) -> float | None:
    """Mean power of one replica with its share of host and fans [W]; None without a TDP."""
    tdp_w = hardware.accelerator.tdp_w
    if tdp_w is None:
        return None
    rate = requests_per_s / float(law.ranks)
    squares = float((lengths.computed_tokens.astype(float) ** 2).mean()) * lengths.attended_factor
    prefill = min(rate * (float(law.d) * lengths.mean_computed + float(law.q) * squares / 2), 1.0)
    sequences = rate * lengths.mean_output * tpot_s if rate else 0.0
    decode = max(1.0 - exp(-sequences) - prefill, 0.0)
    chip_w = accelerator_power_w(
        tdp_w=tdp_w, prefill_utilisation=prefill, decode_utilisation=decode
    )
    host_w = host_power_w(accelerators=accelerators, utilisation=prefill + decode)
    return float(node_power_w(accelerators_w=accelerators * chip_w, host_w=host_w))


def busy_power_w(
    *,
    law: StepLaw,
    lengths: Lengths,
    requests_per_s: float,
    hardware: Hardware,
    accelerators: float,
) -> float | None:
    """Power of a replica that is never idle at this rate: a bound on `replica_power_w` [W]."""
    return replica_power_w(
        law=law,
        lengths=lengths,
        requests_per_s=requests_per_s,
        tpot_s=inf,
        hardware=hardware,
        accelerators=accelerators,
    )


def idle_power_w(*, hardware: Hardware, accelerators: float) -> float | None:
    """Power of accelerators that run nothing, with their share of the host [W]."""
    tdp_w = hardware.accelerator.tdp_w
    if tdp_w is None:
        return None
    chip_w = accelerator_power_w(tdp_w=tdp_w, prefill_utilisation=0.0, decode_utilisation=0.0)
    host_w = host_power_w(accelerators=accelerators, utilisation=0.0)
    return float(node_power_w(accelerators_w=accelerators * chip_w, host_w=host_w))
