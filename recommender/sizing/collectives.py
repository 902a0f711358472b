"""Time of communication: latency plus volume over bandwidth (the alpha-beta model).

    all-reduce     alpha + m/beta                 m: message of one accelerator
    all-to-all     alpha + t*min(k, n-1)*h*e/beta each token goes to at most n-1 others
    pipeline hop   alpha + m/beta                 to the next stage

Symbol  Meaning                                                            Unit
alpha   latency of the collective among n accelerators                     s
beta    message bytes per second of the collective ("algorithm bandwidth") B/s
t       tokens that one accelerator sends                                  tokens
k       experts per token                                                  count
h, e    hidden width, bytes per element                                    count, B

A step law takes the two terms apart: alpha once per step, m/beta per token
(`recommender/performance/communication.py`).

Unmeasured interconnects follow a rule fitted to the measured ones:

    all-reduce over a switched link of b per direction   beta = 0.6 * b * n / (2*(n-1))
    all-reduce over PCIe of b per direction              beta = 0.5 * b * (2/n)^1.25

A ring moves 2(n-1)/n times the message; 0.6 is what A100, H100 and B200 reach at 2, 4 and 8
accelerators (0.53 to 0.78 of that form). PCIe without a switch shares the host bridge: the
exponent is the geometric mean of two measured servers that differ tenfold at n = 8.
"""

import numpy as np

from recommender.sizing.number import Number

LINK_SHARE = 0.6
PCIE_SHARE = 0.5
PCIE_CONTENTION = 1.25
NETWORK_SHARE = 0.7


def transfer_s(*, message_bytes: Number, bandwidth_bytes_per_s: Number) -> Number:
    """m/beta, the time of a collective or hop beyond its latency [s]."""
    return message_bytes / bandwidth_bytes_per_s


def dispatched_copies(*, experts_per_token: Number, accelerators: Number) -> Number:
    """min(k, n-1), accelerators that a token is sent to among n with an expert each [count]."""
    return np.minimum(experts_per_token, accelerators - 1)


def switched_all_reduce_bandwidth(*, link_bytes_per_s: Number, accelerators: Number) -> Number:
    """Message bytes per second of an all-reduce over a switched link (rule) [B/s]."""
    ring = 2 * np.maximum(accelerators - 1, 1) / accelerators
    return LINK_SHARE * link_bytes_per_s / ring


def pcie_all_reduce_bandwidth(*, host_link_bytes_per_s: Number, accelerators: Number) -> Number:
    """Message bytes per second of an all-reduce over the host bridge (rule) [B/s]."""
    return PCIE_SHARE * host_link_bytes_per_s * (2 / accelerators) ** PCIE_CONTENTION
