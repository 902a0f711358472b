r"""How fast caches move between the pools, and the rate that a replica's network allows.

    s        = beta / (u * C * share)       transfer time of a prompt token, on one rank's share
    time(R)  = s * I_q + clump + W(rho),    rho = R * s * E[I]      at a rate of R per rank
    W(rho)   = m / (1 - rho) * ln(rho / tail)         m = s * E[I^2] / (2 E[I])
    cap      = largest R with  time(R) <= x_t / 2  and  rho <= MOST_BUSY

Symbol  Meaning                                                                     Unit
beta    cache of a prompt token, as the receiving ranks store it (sizing.network)   B/token
C       network of the node; a rank has the share of its accelerators in the node   B/s
u       share of C that bulk traffic reaches                                        1
I_q     prompt at the percentile 1 - eps/16                                          tokens
clump   a step may end many prompts at once: its whole token budget is sent first   s
W       wait at the percentile 1 - tail: M/G/1, first come first served, with the   s
        exponential tail P(W > t) = rho exp(-rho t / E[W])

A cache is taken as sent whole, then received whole; each side gets half of x_t. The sender does
not know its receiver: it counts the most bytes that any receiver of the candidate pulls (`search`).
Only replicas inside a node or scale-up domain: one that spans nodes over the network needs that
network for its own collectives.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.disaggregation.split import LENGTH_TAIL, NETWORK_TAIL, Split
from recommender.sizing.network import kv_transfer_bytes, kv_transfer_s
from recommender.units import GB
from recommender.workload import Lengths

Floats = npt.NDArray[np.float64]

MOST_BUSY = 0.5
"""Most of a network that transfers take on average; the rest is for bursts and other traffic."""
_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """What transfers need to know of the prompts [tokens]."""

    mean: float
    square: float
    long: float
    """At the percentile 1 - eps/16."""


def prompts_of(lengths: Lengths, split: Split, *, least_tokens: float) -> Prompts:
    """Moments of what moves: a prompt below `least_tokens` moves as much as one of that length."""
    tokens = np.maximum(lengths.input_tokens.astype(np.float64), least_tokens)
    return Prompts(
        mean=float(tokens.mean()),
        square=float((tokens**2).mean()),
        long=float(np.quantile(tokens, 1.0 - LENGTH_TAIL * split.late, method="higher")),
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
    token_s: Floats, prompts: Prompts, split: Split, *, clump_tokens: Floats
) -> Floats:
    """Largest rate of one rank at which its side of the transfer stays within x_t/2, shape (n,).

    0 where even a lone transfer takes longer [requests/s].
    """
    room = 0.5 * split.transfer_s - token_s * (prompts.long + clump_tokens)
    tail = NETWORK_TAIL * split.late
    low, high = np.zeros_like(token_s), np.full_like(token_s, MOST_BUSY)
    for _ in range(_HALVINGS):
        busy = 0.5 * (low + high)
        fits = wait_s(busy, token_s, prompts, tail=tail) <= room
        low, high = np.where(fits, busy, low), np.where(fits, high, busy)
    return np.where(room > 0.0, high / (token_s * prompts.mean), 0.0)


def wait_s(busy: Floats, token_s: Floats, prompts: Prompts, *, tail: float) -> Floats:
    """Wait at a network that is busy to this share, at the percentile 1 - tail, shape (n,) [s]."""
    residual = token_s * prompts.square / (2.0 * prompts.mean)
    quantile = np.log(np.maximum(busy / tail, 1.0))
    return np.asarray(residual / (1.0 - busy) * quantile)
