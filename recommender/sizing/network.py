"""Bytes that requests move over a node's network, and the rate that its network allows.

    front end      bytes = I * beta_in + O * beta_out                       per request
    KV transfer    bytes = ranks * s(I)           prefill node -> decode node, per request
                   time  = alpha + bytes / (u * min(C_sender, C_receiver))
    largest rate   R <= u * C / bytes             per node and direction

Symbol     Meaning                                                                Unit
I, O       prompt and output                                                      tokens
beta_in    bytes of a prompt token on the wire                                    B
beta_out   bytes of a streamed output token on the wire                           B
s(I)       KV cache of the prompt on one receiving rank (sizing.kv_cache)         B
ranks      receiving ranks of the replica: tp * pp, each pulls the part it holds  count
alpha      latency of one transfer                                                s
C          network of a node, one direction                                       B/s
u          share of C that bulk traffic reaches                                   1

A rank that holds a replica of heads (tp > kv_heads) or the whole MLA latent pulls it itself, so the
transfer is counted as the receivers store it, not as the sender does. Means give a limit of the
mean rate: a network that is busy to the share u still queues, and that wait is not in `time`.

Assumptions, neither measured: a text token is 4 characters of English, taken as 8 bytes with
escapes and headers; a streamed output token is one server-sent event with its JSON, 512 bytes.
"""

import numpy as np

from recommender.sizing.number import Number

BYTES_PER_INPUT_TOKEN = 8.0
BYTES_PER_OUTPUT_TOKEN = 512.0
NETWORK_SHARE = 0.7
"""Share of a node's network that bulk traffic and plain collectives reach."""


def front_end_bytes(
    *,
    input_tokens: Number,
    output_tokens: Number,
    bytes_per_input_token: Number = BYTES_PER_INPUT_TOKEN,
    bytes_per_output_token: Number = BYTES_PER_OUTPUT_TOKEN,
) -> Number:
    """Text of one request and its streamed answer, both directions together [B]."""
    return input_tokens * bytes_per_input_token + output_tokens * bytes_per_output_token


def kv_transfer_bytes(*, sequence_bytes_per_rank: Number, ranks: Number) -> Number:
    """Cache that one request moves from its prefill replica to its decode replica [B].

    Parameters
    ----------
    sequence_bytes_per_rank
        Cache (and recurrent state) of the prompt on one receiving rank, as
        `kv_cache.kv_bytes_per_sequence` gives it for the layers of that rank [B].
    ranks
        Receiving ranks that hold a part of the request: tp * pp (one adp rank holds it) [count].
    """
    return sequence_bytes_per_rank * ranks


def kv_transfer_s(
    *,
    transfer_bytes: Number,
    sender_bytes_per_s: Number,
    receiver_bytes_per_s: Number,
    latency_s: Number = 0.0,
    share: Number = NETWORK_SHARE,
) -> Number:
    """Time of one transfer on idle networks, the slower of both ends decides [s]."""
    slower = np.minimum(sender_bytes_per_s, receiver_bytes_per_s)
    return latency_s + transfer_bytes / (share * slower)


def network_rate_limit(
    *, request_bytes: Number, node_bytes_per_s: Number, share: Number = NETWORK_SHARE
) -> Number:
    """Largest rate of requests that a node's network carries in one direction [requests/s]."""
    return share * node_bytes_per_s / request_bytes
