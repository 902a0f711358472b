"""A few weighted points that stand for the lengths of a bucket in a mixture.

Nodes are bins of equal rank among the requests of the bucket, finer towards the side that makes
the tail: long prompts for TTFT, long outputs for E2E, and for TPOT short outputs (few gaps average
little), with drafts those that take most steps per token. Their weights add up to one: a percentile
of a bucket is over its own requests.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recommender.queueing.draft_gains import ONE_TOKEN, Gains, steps_of
from recommender.queueing.laws import Array
from recommender.slo import EVERY_REQUEST, Bucket, Metric
from recommender.workload import Lengths

_EDGES = (0.0, 0.35, 0.65, 0.85, 0.94, 0.973, 0.984, 0.9885, 0.9915, 0.9945, 0.998, 1.0)


@dataclass(frozen=True)
class Nodes:
    """Weighted points, each field of shape (m, 1): they broadcast against laws of shape (n,)."""

    weight: Array
    input_tokens: Array
    """Of the prompt, computed: without those found in a prefix cache."""
    input_variance: Array
    """Variance of the prompt length inside the bin [tokens^2]."""
    decode_steps: Array
    """Mean D; its variance for a given output, which drafts bring; and the bounds of D [count]."""
    decode_steps_variance: Array
    fewest_steps: Array
    most_steps: Array
    decode_tokens: Array
    """Output tokens after the first."""


@dataclass(frozen=True)
class LengthNodes:
    """Nodes of the requests of one bucket."""

    prompts: Nodes | None
    """Bins over the prompt length, fine at the long end; None for a bucket without requests."""
    outputs: Nodes | None
    """Bins over outputs of two tokens or more, fine at the slow, short end; None without any."""
    requests: Nodes | None
    """Bins over the output length, fine at the long end."""


def in_bucket(
    bucket: Bucket, input_tokens: npt.NDArray[np.integer], output_tokens: npt.NDArray[np.integer]
) -> npt.NDArray[np.bool_]:
    """Which requests of these lengths [tokens] belong to the bucket."""
    inside = np.ones(input_tokens.shape, dtype=np.bool_)
    if bucket.min_input_tokens is not None:
        inside &= input_tokens >= bucket.min_input_tokens
    if bucket.max_input_tokens is not None:
        inside &= input_tokens <= bucket.max_input_tokens
    if bucket.min_output_tokens is not None:
        inside &= output_tokens >= bucket.min_output_tokens
    if bucket.max_output_tokens is not None:
        inside &= output_tokens <= bucket.max_output_tokens
    return inside


@lru_cache(maxsize=256)
def share_of_requests(lengths: Lengths, bucket: Bucket, metric: Metric) -> float:
    """Share of all requests that lie in the bucket and have the metric: TPOT takes two tokens."""
    counted = in_bucket(bucket, lengths.input_tokens, lengths.output_tokens)
    if metric == "tpot":
        counted &= lengths.output_tokens > 1
    return float(counted.mean())


@lru_cache(maxsize=256)
def length_nodes(
    lengths: Lengths, bucket: Bucket = EVERY_REQUEST, gains: Gains = ONE_TOKEN
) -> LengthNodes:
    """Nodes of the requests of a bucket; cached by the identity of `lengths`."""
    inside = in_bucket(bucket, lengths.input_tokens, lengths.output_tokens)
    inputs = lengths.computed_tokens[inside].astype(np.float64)
    tokens = lengths.output_tokens[inside].astype(np.float64) - 1.0
    edges = np.array(_EDGES)
    some = tokens > 0.0
    return LengthNodes(
        prompts=_nodes(inputs, tokens, gains, order=inputs, edges=edges),
        outputs=_nodes(
            inputs[some],
            tokens[some],
            gains,
            order=_quickness(tokens[some], gains),
            edges=(1.0 - edges)[::-1],
        ),
        requests=_nodes(inputs, tokens, gains, order=tokens, edges=edges),
    )


def _quickness(tokens: Array, gains: Gains) -> Array:
    """Rank of outputs by the time that a token takes in a slow run of theirs, the slowest first.

    (E[D] + 2*sqrt(E[D] + Var[D])) / n for n tokens: few steps average little, and with drafts a
    longer output may be slower (of 4 a step, 4 tokens take 1 and 5 take 2).
    """
    steps = steps_of(tokens, gains)
    slowness = (steps.mean + 2.0 * np.sqrt(steps.mean + steps.variance)) / tokens
    rank = np.empty(tokens.size)
    rank[np.lexsort((tokens, -slowness))] = np.arange(tokens.size)
    return rank


def _nodes(
    inputs: Array, tokens: Array, gains: Gains, *, order: Array, edges: Array
) -> Nodes | None:
    """Bins between the rank `edges` of `order`; a bin that few requests fill may be empty."""
    if order.size == 0:
        return None
    steps = steps_of(tokens, gains)
    ranked = np.argsort(order, kind="stable")
    cuts = np.unique(np.rint(edges * order.size).astype(np.intp))
    bins: list[npt.NDArray[np.intp]] = [ranked[low:high] for low, high in pairwise(cuts)]
    return Nodes(
        weight=_column([len(members) / order.size for members in bins]),
        input_tokens=_column([inputs[members].mean() for members in bins]),
        input_variance=_column([inputs[members].var() for members in bins]),
        decode_steps=_column([steps.mean[members].mean() for members in bins]),
        decode_steps_variance=_column([steps.variance[members].mean() for members in bins]),
        fewest_steps=_column([steps.fewest[members].mean() for members in bins]),
        most_steps=_column([steps.most[members].mean() for members in bins]),
        decode_tokens=_column([tokens[members].mean() for members in bins]),
    )


def _column(values: list[float]) -> Array:
    return np.array(values, dtype=np.float64)[:, None]
