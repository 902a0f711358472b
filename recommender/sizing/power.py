"""Electric power of an accelerator by phase, of a node, and energy.

    accelerator  P = (1 - u_p - u_d)*idle*TDP + TDP*(f_p*u_p + f_d*u_d)
    from work    P = TDP*(s_0 + (s_1 - s_0)*(1 - exp(-(1.1*m + 16*c))))
    node         P = (sum of accelerators + host) * (1 + fans)
    energy       P * PUE * hours

Symbol    Meaning                                                        Unit
u_p, u_d  share of time in prefill, in decode                            1
idle      share of TDP without work: 0.12 (0.25 with weights loaded)     1
f_p, f_d  share of TDP in prefill 0.90, in decode 0.60                   1
m, c      time of a step's bytes and of its FLOP at the datasheet's peaks,
          over the time of the step                                      1
s_0, s_1  0.41 and 0.92: running without work to speak of, and saturated 1
host      CPUs, memory, NICs, drives: 1.5 kW idle to 2.2 kW loaded in an
          8-accelerator chassis                                          W
fans      0.08 of the rest                                               1

The form from work is fitted to 126 public measurements of A100, H100, GH200 and B200 (ML.ENERGY,
LLM-Inference-Bench, Splitwise): median error 11 %.
Sources: operator power of B200 in aiconfigurator-core 0.12.0; Splitwise (arXiv 2311.18677);
ML.ENERGY leaderboard; POLCA. Provisioning uses the nameplate, never these averages.
"""

import numpy as np

from recommender.sizing.number import Number

IDLE_SHARE = 0.12
PREFILL_SHARE = 0.90
DECODE_SHARE = 0.60
FAN_SHARE = 0.08
QUIET_SHARE = 0.41
SATURATED_SHARE = 0.92
READ_WEIGHT = 1.1
COMPUTE_WEIGHT = 16.0
HOST_IDLE_W = 1500.0
HOST_LOADED_W = 2200.0
HOST_CHASSIS_ACCELERATORS = 8


def accelerator_power_w(
    *,
    tdp_w: Number,
    prefill_utilisation: Number,
    decode_utilisation: Number,
    idle_share: Number = IDLE_SHARE,
    prefill_share: Number = PREFILL_SHARE,
    decode_share: Number = DECODE_SHARE,
) -> Number:
    """Mean power of one accelerator [W]."""
    idle = (1.0 - prefill_utilisation - decode_utilisation) * idle_share
    busy = prefill_share * prefill_utilisation + decode_share * decode_utilisation
    return tdp_w * (idle + busy)


def working_power_w(
    *, tdp_w: Number, read_utilisation: Number, compute_utilisation: Number
) -> Number:
    """Mean power of one accelerator that runs an engine without pause [W].

    `read_utilisation`, `compute_utilisation`: m and c of the module's table [1].
    """
    work = READ_WEIGHT * read_utilisation + COMPUTE_WEIGHT * compute_utilisation
    return tdp_w * (QUIET_SHARE + (SATURATED_SHARE - QUIET_SHARE) * (1.0 - np.exp(-work)))


def host_power_w(*, accelerators: Number, utilisation: Number) -> Number:
    """Mean power of what is not an accelerator, in proportion to an 8-way chassis [W]."""
    chassis = HOST_IDLE_W + (HOST_LOADED_W - HOST_IDLE_W) * utilisation
    return chassis * accelerators / HOST_CHASSIS_ACCELERATORS


def node_power_w(
    *, accelerators_w: Number, host_w: Number, fan_share: Number = FAN_SHARE
) -> Number:
    """Mean power of a node: all accelerators, host and fans [W]."""
    return (accelerators_w + host_w) * (1.0 + fan_share)


def energy_kwh(*, power_w: Number, hours: Number, pue: Number = 1.0) -> Number:
    """Energy at the meter [kWh]."""
    return power_w * pue * hours / 1e3
