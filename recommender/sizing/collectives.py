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


def all_reduce_s(
    *, message_bytes: Number, latency_s: Number, bandwidth_bytes_per_s: Number
) -> Number:
    """Time of one all-reduce [s]."""
    return latency_s + message_bytes / bandwidth_bytes_per_s


def all_to_all_s(
    *,
    tokens_per_accelerator: Number,
    experts_per_token: Number,
    accelerators: Number,
    hidden: Number,
    bytes_per_element: Number,
    latency_s: Number,
    bandwidth_bytes_per_s: Number,
) -> Number:
    """Time of one dispatch or one combine of expert parallelism [s]."""
    copies = np.minimum(experts_per_token, np.maximum(accelerators - 1, 0))
    sent = tokens_per_accelerator * copies * hidden * bytes_per_element
    return latency_s + sent / bandwidth_bytes_per_s


def pipeline_hop_s(
    *, message_bytes: Number, latency_s: Number, bandwidth_bytes_per_s: Number
) -> Number:
    """Time to hand activations to the next stage [s]."""
    return latency_s + message_bytes / bandwidth_bytes_per_s


def switched_all_reduce_bandwidth(*, link_bytes_per_s: Number, accelerators: Number) -> Number:
    """Message bytes per second of an all-reduce over a switched link (rule) [B/s]."""
    ring = 2 * np.maximum(accelerators - 1, 1) / accelerators
    return LINK_SHARE * link_bytes_per_s / ring


def pcie_all_reduce_bandwidth(*, host_link_bytes_per_s: Number, accelerators: Number) -> Number:
    """Message bytes per second of an all-reduce over the host bridge (rule) [B/s]."""
    return PCIE_SHARE * host_link_bytes_per_s * (2 / accelerators) ** PCIE_CONTENTION
