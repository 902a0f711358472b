"""Electric power of an accelerator by phase, of a node, and energy.

    accelerator  P = (1 - u_p - u_d)*idle*TDP + TDP*(f_p*u_p + f_d*u_d)
    from work    P = TDP*(s_0 + (s_1 - s_0)*(1 - exp(-(e_r*R + e_c*bits/16*F)/TDP)))
    tiles        M' = max(M, 16)
    node         P = (sum of accelerators + host) * (1 + fans)
    energy       P * PUE * hours

Symbol    Meaning                                                        Unit
u_p, u_d  share of time in prefill, in decode                            1
idle      share of TDP without work: 0.12 (0.25 with weights loaded)     1
f_p, f_d  share of TDP in prefill 0.90, in decode 0.60                   1
R         bytes read from memory per second                              B/s
F, bits   operations of the matrix units per second, rows of a tile that
          hold nothing included, and the bits of their format            1/s, bit
e_r, e_c  300 pJ per byte, 6.4 pJ per 16-bit operation: what the first
          ones cost, with caches, registers and clocks that they wake    J
s_0, s_1  0.17 and 0.95: running without work to speak of, and saturated 1
M, M'     rows of a matrix product, and rows that the units work on: a
          warp multiplies 16 at a time (mma.m16n8k16, PTX ISA)           count
host      CPUs, memory, NICs, drives: 1.5 kW idle to 2.2 kW loaded in an
          8-accelerator chassis                                          W
fans      0.08 of the rest                                               1

Energy per byte and per operation, not shares of the peaks: memory takes a larger part of the power
where there is more of it. Reading at 60 % of the bandwidth draws 62 % of the TDP of an H100, and
77 % of a B200's. Fitted to 126 public measurements of A100, H100, GH200 and B200 (ML.ENERGY,
LLM-Inference-Bench, Splitwise; `benchmarks/power_fit.py`): median error 7 %, with the family of
models or the accelerator held out 8 %.
Sources: operator power of B200 in aiconfigurator-core 0.12.0; Splitwise (arXiv 2311.18677);
ML.ENERGY leaderboard; POLCA. Provisioning uses the nameplate, never these averages.
"""

import numpy as np

from recommender.sizing.number import Number

IDLE_SHARE = 0.12
PREFILL_SHARE = 0.90
DECODE_SHARE = 0.60
FAN_SHARE = 0.08
QUIET_SHARE = 0.17
SATURATED_SHARE = 0.95
READ_J_PER_BYTE = 300e-12
COMPUTE_J_PER_FLOP = 6.4e-12
"""Of 16-bit operands; narrower ones in proportion to their bits."""
TILE_ROWS = 16.0
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
    *,
    tdp_w: Number,
    read_bytes_per_s: Number,
    flop_per_s: Number,
    compute_bits: Number = 16.0,
) -> Number:
    """Mean power of one accelerator that runs an engine without pause [W].

    `read_bytes_per_s`, `flop_per_s`, `compute_bits`: R, F and bits of the module's table.
    """
    work_w = READ_J_PER_BYTE * read_bytes_per_s
    work_w = work_w + COMPUTE_J_PER_FLOP * compute_bits / 16 * flop_per_s
    return drawn_power_w(tdp_w=tdp_w, work_w=work_w)


def drawn_power_w(*, tdp_w: Number, work_w: Number) -> Number:
    """Mean power of one accelerator whose work, at what the first of it costs, is `work_w` [W]."""
    span = SATURATED_SHARE - QUIET_SHARE
    return tdp_w * (QUIET_SHARE + span * (1.0 - np.exp(-work_w / tdp_w)))


def tile_rows(*, rows: Number) -> Number:
    """Rows that matrix units work on for `rows` rows that hold something [count]."""
    return np.maximum(rows, TILE_ROWS)


def host_power_w(*, accelerators: Number, utilisation: Number) -> Number:
    """Mean power of what is not an accelerator, in proportion to an 8-way chassis [W]."""
    chassis = HOST_IDLE_W + (HOST_LOADED_W - HOST_IDLE_W) * utilisation
    return chassis * accelerators / HOST_CHASSIS_ACCELERATORS


def node_power_w(
    *, accelerators_w: Number, host_w: Number, fan_share: Number = FAN_SHARE
) -> Number:
    """Mean power of a node: all accelerators, host and fans [W]."""
    return (accelerators_w + host_w) * (1.0 + fan_share)


def energy_kwh(*, power_w: float, hours: float, pue: float = 1.0) -> float:
    """Energy at the meter [kWh]."""
    return power_w * pue * hours / 1e3
