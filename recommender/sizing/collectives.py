"""Time of communication: latency plus volume over bandwidth (the alpha-beta model).

    all-reduce     alpha + m/beta                 m: message of one accelerator
    all-to-all     alpha + t*min(k, n-1)*h*e/beta each token goes to at most n-1 others
      over nodes   alpha + t*c*h*e/net            c: copies of a token that leave its node
        decode     c = k * (1 - 1/N)                      one message for each expert
        prompts    c = (N-1) * (1 - (1 - 1/N)^k)          one for each node, forwarded inside
    pipeline hop   alpha + m/beta                 to the next stage

Symbol  Meaning                                                            Unit
alpha   latency of the collective among n accelerators                     s
beta    message bytes per second of the collective ("algorithm bandwidth") B/s
net     the same of one accelerator's share of the network                 B/s
t       tokens that one accelerator sends                                  tokens
k       experts per token, on uniformly drawn accelerators                 count
N       nodes (or scale-up domains) that the n accelerators lie in         count
h, e    hidden width, bytes per element                                    count, B

A step law takes the two terms apart: alpha once per step, m/beta per token
(`recommender/performance/communication.py`).

Unmeasured interconnects follow a rule fitted to the measured ones:

    all-reduce over a switched link of b per direction   beta = 0.6 * b * n / (2*(n-1))
    all-reduce over PCIe of b per direction              beta = 0.5 * b * (2/n)^0.75

A ring moves 2(n-1)/n times the message; 0.6 is what A100, H100 and B200 reach at 2, 4 and 8
accelerators (0.53 to 0.78 of that form). PCIe shares the host bridge; 0.75 lies between servers
that differ tenfold. Shares of b at n = 2, 4 and 8:

    RTX PRO 6000, aiconfigurator-core 0.12.0 (Apache-2.0)                  0.40  0.29  0.21
    RTX 5090, NVIDIA/nccl issue 1639 (35 and 28 GB/s of the ring)                0.37  0.25
    two and four bridged pairs of A100 (NVIDIA/nccl-tests issue 178;       0.48  0.24
      TensorRT-LLM 0.14 on 70B, 8 A100 PCIe against 8 SXM)
    L40S, aiconfigurator-core 0.12.0 (its server has no peer traffic)      0.60  0.10  0.03
    L40S, the least for 2,048 tokens of Falcon-180B in 769 ms (TensorRT-LLM 0.9)       0.20
    rule                                                                   0.50  0.30  0.18

Dispatch and combine over nodes reach 0.92 of the network with one message for each expert, in
16 to 64 H100 with 400 Gb/s InfiniBand (0.89 to 0.98 without the latency; DeepEP low-latency
kernels), and 0.8 where tokens are forwarded (0.60 to 0.93; its normal kernels). Both from the
operator tables of aiconfigurator-core 0.12.0 (Apache-2.0), SGLang 0.5.0, hidden width 7168,
8 of 256 experts. Engines give 20 of a device's processors to the latter; with 24 they send a fifth
faster between two nodes. Routers that limit the nodes of a token (DeepSeek-V3: 4) send less
than c.
"""

import numpy as np

from recommender.sizing.number import Number

LINK_SHARE = 0.6
PCIE_SHARE = 0.5
PCIE_CONTENTION = 0.75
MESSAGES_SHARE = 0.92
FORWARDED_SHARE = 0.8


def transfer_s(*, message_bytes: Number, bandwidth_bytes_per_s: Number) -> Number:
    """m/beta, the time of a collective or hop beyond its latency [s]."""
    return message_bytes / bandwidth_bytes_per_s


def dispatched_copies(*, experts_per_token: Number, accelerators: Number) -> Number:
    """min(k, n-1), accelerators that a token is sent to among n with an expert each [count]."""
    return np.minimum(experts_per_token, accelerators - 1)


def copies_to_other_nodes(*, copies: Number, nodes: Number) -> Number:
    """copies * (1 - 1/N), of a token's copies to accelerators those that leave its node [count]."""
    return copies * (1 - 1 / nodes)


def other_nodes_reached(*, copies: Number, nodes: Number) -> Number:
    """(N-1) * (1 - (1 - 1/N)^copies), other nodes that hold an expert of a token [count]."""
    return (nodes - 1) * (1 - (1 - 1 / nodes) ** copies)


def switched_all_reduce_bandwidth(*, link_bytes_per_s: Number, accelerators: Number) -> Number:
    """Message bytes per second of an all-reduce over a switched link (rule) [B/s]."""
    ring = 2 * np.maximum(accelerators - 1, 1) / accelerators
    return LINK_SHARE * link_bytes_per_s / ring


def pcie_all_reduce_bandwidth(*, host_link_bytes_per_s: Number, accelerators: Number) -> Number:
    """Message bytes per second of an all-reduce over the host bridge (rule) [B/s]."""
    return PCIE_SHARE * host_link_bytes_per_s * (2 / accelerators) ** PCIE_CONTENTION
