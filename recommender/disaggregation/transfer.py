r"""How fast caches move between the pools, and the rate that a replica's network allows.

    s        = beta / (u * C * share)       transfer time of a prompt token, on one rank's share
    time(R)  = s * I_q + clump + s * W(rho),    rho = R * s * E[I]      at a rate of R per rank
    cap      = largest R with  time(R) <= x_t / 2  and  rho <= MOST_BUSY

Symbol  Meaning                                                                     Unit
beta    cache of a prompt token, as the receiving ranks store it (sizing.network)   B/token
C       network of the node; a rank has the share of its accelerators in the node   B/s
u       share of C that bulk traffic reaches                                        1
I_q     prompt of the bucket at the percentile 1 - eps/16                            tokens
clump   a step may end many prompts at once: all that its token budget gets ready   s
        (`ready_tokens`) is sent first
W       wait at the percentile 1 - tail: M/G/1, first come first served, of these   tokens
        lengths (`network_wait`); at a rho between two of a grid, that of the upper

The least over all parts of the split. A cache is taken as sent whole, then received whole; each
side gets half of x_t. The sender does not know its receiver: it counts the most bytes that any
receiver of the candidate pulls (`search`).
Only replicas inside a node or scale-up domain: one that spans nodes over the network needs that
network for its own collectives.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.disaggregation.network_wait import wait_percentiles
from recommender.disaggregation.split import NETWORK_TAIL, Part, long_prompt
from recommender.sizing.network import kv_transfer_bytes, kv_transfer_s
from recommender.units import GB
from recommender.workload import Lengths

Floats = npt.NDArray[np.float64]

MOST_BUSY = 0.5
"""Most of a network that transfers take on average; the rest is for bursts and other traffic."""
_GRID = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prompts:
    """What transfers need to know of the prompts [tokens]."""

    mean: float
    long: float
    """At the percentile 1 - eps/16."""
    busy: Floats
    """rho of a grid from 0 to MOST_BUSY."""
    wait: Floats
    """W at each of them."""


def prompts_of(lengths: Lengths, part: Part, *, least_tokens: float) -> Prompts:
    """What moves and waits: a prompt below `least_tokens` moves as much as one of that length.

    A cache of the bucket waits for those of all requests.
    """
    tokens = np.maximum(lengths.input_tokens.astype(np.float64), least_tokens)
    tail = NETWORK_TAIL * part.moved_late
    grid = np.linspace(0.0, MOST_BUSY, _GRID + 1)
    busy = np.union1d(grid, [min(tail, MOST_BUSY)])  # so rarely busy that the percentile waits 0
    return Prompts(
        mean=float(tokens.mean()),
        long=max(long_prompt(lengths, part), least_tokens),
        busy=busy,
        wait=wait_percentiles(tokens, busy, tail=tail),
    )


def cache_bytes_per_token(*, bytes_per_token_rank: Floats, tp: Floats, pp: Floats) -> Floats:
    """Bytes that a prompt token moves to a replica of this layout, shape (n,) [B]."""
    moved = kv_transfer_bytes(sequence_bytes_per_rank=bytes_per_token_rank, ranks=tp * pp)
    return np.asarray(moved)


def token_transfer_s(
    *, bytes_per_token: Floats, network_gb_per_s: Floats, tp: Floats, pp: Floats, node: Floats
) -> Floats:
    """Transfer time of a prompt token on one rank's share of its node's network, shape (n,) [s].

    `node` is the number of accelerators of a node; a replica over several nodes of one scale-up
    domain has the networks of all of them.
    """
    share = network_gb_per_s * GB * tp * pp / node
    return np.asarray(
        kv_transfer_s(
            transfer_bytes=bytes_per_token, sender_bytes_per_s=share, receiver_bytes_per_s=share
        )
    )


def largest_transfer_rate(
    token_s: Floats, prompts: Prompts, transfer_s: float, *, clump_tokens: Floats
) -> Floats:
    """Largest rate of one rank at which its side of the transfer stays within x_t/2, shape (n,).

    0 where even a lone transfer takes longer [requests/s].
    """
    room = 0.5 * transfer_s - token_s * (prompts.long + clump_tokens)
    within = np.searchsorted(prompts.wait, np.maximum(room, 0.0) / token_s, side="right") - 1
    return np.where(room > 0.0, prompts.busy[within] / (token_s * prompts.mean), 0.0)


def wait_s(busy: Floats, token_s: Floats, prompts: Prompts) -> Floats:
    """Wait at a network busy to this share, at the percentile 1 - eps/32, shape (n,) [s].

    Infinite beyond MOST_BUSY, where no cap lies.
    """
    above = np.searchsorted(prompts.busy, busy * (1.0 - 1e-9))
    return np.asarray(token_s * np.append(prompts.wait, np.inf)[above])
