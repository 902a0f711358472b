"""Probability that a request of a replica exceeds a time, for each metric.

Every metric is a mixture over length nodes j of a bucket, with weights w_j (`nodes`):

    P(TTFT > t) = sum_j w_j * P(frontend + k_j*base + sigma*s_j + wait > t)
    P(TPOT > t) = sum_j w_j * P(G_j > t),  mean tau + x_j,  variance below
    P(E2E  > t) = sum_j w_j * P(first token + D_j * gaps > t)
    P(ITL  > t) = share of gaps that hold more than (t - base)/d prompt tokens

Inside a node the time is a gamma variable with the node's mean and variance. A request that waits
for a slot (probability P_w) waits an exponential time more.

TPOT of D gaps: the batch varies (Ornstein-Uhlenbeck, averaged over the request); prefills of
others arrive as a compound Poisson process in clusters (each stall lengthens the window for
further ones, by 1/(1 - pi')), also during the own prefill, whose successors delay the first gap.
With drafts D itself is random (`draft_gains`): Var[D] * gap^2 more, and at least the fewest steps.
"""

from dataclasses import dataclass

import numpy as np

from recommender.queueing.clumping import clumping
from recommender.queueing.laws import Array
from recommender.queueing.nodes import Nodes, length_nodes
from recommender.queueing.steady_state import Prepared, SteadyState
from recommender.queueing.tails import Tail, gamma_law, stalled_law
from recommender.slo import EVERY_REQUEST, Bucket, Metric


def exceedance(
    metric: Metric,
    t: Array,
    known: Prepared,
    state: SteadyState,
    bucket: Bucket = EVERY_REQUEST,
) -> Array:
    """P(metric > t), shape (n,); over the requests of the bucket, for `itl` over all gaps."""
    return tail_of(metric, known, state, bucket)(t)


def tail_of(
    metric: Metric, known: Prepared, state: SteadyState, bucket: Bucket = EVERY_REQUEST
) -> Tail:
    """P(metric > t) as a function of t, shape (n,)."""
    if metric == "itl":
        return _itl(known, state)
    of_bucket = length_nodes(known.moments.lengths, bucket, known.moments.gains)
    nodes, tails = {
        "ttft": (of_bucket.prompts, _ttft),
        "tpot": (of_bucket.outputs, _tpot),
        "e2e": (of_bucket.requests, _e2e),
    }[metric]
    return _never(state) if nodes is None else tails(nodes, known, state)


def _never(state: SteadyState) -> Tail:
    return lambda t: np.zeros_like(state.gap_s)


def _mixture(weight: Array, tail: Array) -> Array:
    """Sum over nodes: (m, 1) weights, (m, n) tails -> (n,)."""
    mixed: Array = (weight * tail).sum(axis=0)
    return mixed


def _first_token_s(nodes: Nodes, known: Prepared, state: SteadyState) -> Array:
    """Time to the first token of each node without waiting, shape (m, n)."""
    laws = known.laws
    chunks = np.ceil(nodes.input_tokens / state.budget)
    return laws.frontend_s + chunks * state.base_s + laws.own_prompt_s(nodes.input_tokens)


def _with_slot_wait(tail: Array, beyond_s: Array, state: SteadyState) -> Array:
    """Some requests wait for a slot as well; `beyond_s` is what exceeds the mean without it."""
    waited = np.exp(-np.maximum(beyond_s, 0.0) / np.maximum(state.slot_wait_s, 1e-12))
    return tail + state.slot_probability * np.maximum(waited - tail, 0.0)


def _ttft(nodes: Nodes, known: Prepared, state: SteadyState) -> Tail:
    first_token_s = _first_token_s(nodes, known, state)
    wait, slower_ranks = state.wait.law(), _slower_ranks(known, state)

    def tail(t: Array) -> Array:
        slack = t - first_token_s
        waits = _with_slot_wait(wait(slack), slack - state.wait.mean_s, state)
        own, others = _mixture(nodes.weight, waits), slower_ranks(t)
        return own + others - own * others

    return tail


def _slower_ranks(known: Prepared, state: SteadyState) -> Tail:
    """P(some prompt of another rank, in the same step, alone makes it longer than t)."""
    laws, (one, two, _) = known.laws, known.prefill
    if np.all(laws.ranks == 1.0):
        return _never(state)
    longer = gamma_law(mean=one, variance=np.maximum(two - one**2, 0.01 * two))
    clump = clumping(state.wait.seen_s, state.stream_rate, known.stream.burstiness)
    prompts = (laws.ranks - 1.0) * state.rank_rate * state.wait.seen_s * clump

    def tail(t: Array) -> Array:
        slack = t - laws.frontend_s - state.base_s - 0.5 * state.wait.seen_s
        return -np.expm1(-prompts * longer(slack))

    return tail


@dataclass(frozen=True, slots=True)
class _Gaps:
    """The sum of the gaps of a node's requests, each of shape (m, n) [s, count]."""

    quiet_s: Array
    quiet_variance: Array
    stalls: Array
    """Clusters of prefills of other prompts that fall into the gaps."""
    stall_s: Array
    stall_square: Array
    """First two moments of the time of a cluster."""


def _gaps(nodes: Nodes, known: Prepared, state: SteadyState) -> _Gaps:
    one, two, _ = known.prefill
    laws, steps = known.laws, nodes.decode_steps
    window = np.where(steps > 0, steps * state.gap_s + laws.prompt_s(nodes.input_tokens), 0.0)
    clump = clumping(window, state.stream_rate, known.stream.burstiness)
    alone = 1.0 - state.stalls.feedback
    span = steps / (known.moments.decode_steps + 1e-12) * (1.0 - state.load)
    whole = np.minimum(1.0, steps * _full_chunk_s(known, state) * one / two)
    varied = state.stalls.variance_rate / state.stalls.rate
    return _Gaps(
        quiet_s=steps * (state.gap_s - state.stalls.rate * state.gap_s * one),
        quiet_variance=(steps * state.gap_sd_s) ** 2 * averaging(span)
        + nodes.decode_steps_variance * state.gap_s**2,
        stalls=state.stalls.rate * window * clump * alone,
        stall_s=one / alone,
        stall_square=two * whole * varied / alone**3,
    )


def _full_chunk_s(known: Prepared, state: SteadyState) -> Array:
    """Prefill time of a step whose budget is spent on prompts of mean cost per token."""
    return known.prefill[0] / known.moments.input_mean * state.budget


def averaging(span: Array) -> Array:
    """Variance of the time average of an Ornstein-Uhlenbeck process over `span` relaxations."""
    x = np.maximum(span, 1e-3)
    average: Array = 2.0 * (x - 1.0 + np.exp(-x)) / x**2
    return average


def _tpot(nodes: Nodes, known: Prepared, state: SteadyState) -> Tail:
    gaps = _gaps(nodes, known, state)
    least = nodes.fewest_steps * (known.laws.a + known.per_sequence_s)
    beyond_least = stalled_law(
        quiet=(np.maximum(gaps.quiet_s - least, 1e-9), gaps.quiet_variance + 1e-18),
        stalls=gaps.stalls,
        stall=(gaps.stall_s, gaps.stall_square),
    )
    longest = state.base_s + 3.0 * state.gap_sd_s + _full_chunk_s(known, state)

    def tail(t: Array) -> Array:
        step_s = t * nodes.decode_tokens / nodes.most_steps
        slower = beyond_least(nodes.decode_tokens * t - least)
        return _mixture(nodes.weight, np.where(step_s > longest, 0.0, slower))

    return tail


def _e2e(nodes: Nodes, known: Prepared, state: SteadyState) -> Tail:
    laws = known.laws
    gaps = _gaps(nodes, known, state)
    token_s = laws.prompt_stretch * (laws.d + laws.q * nodes.input_tokens)
    uneven = nodes.input_variance * token_s**2
    mean = gaps.quiet_s + gaps.stalls * gaps.stall_s
    mean = mean + _first_token_s(nodes, known, state) + state.wait.mean_s
    variance = gaps.quiet_variance + gaps.stalls * gaps.stall_square + uneven
    without_slots = gamma_law(mean=mean, variance=variance + state.wait.variance)

    def tail(t: Array) -> Array:
        return _mixture(nodes.weight, _with_slot_wait(without_slots(t), t - mean, state))

    return tail


def _itl(known: Prepared, state: SteadyState) -> Tail:
    """A gap holds the prompts that arrived in the one before it: compound Poisson, cut at C - n."""
    if known.moments.decode_steps <= 0.0:
        return _never(state)
    one, two, _ = known.prefill
    least = known.laws.a + known.per_sequence_s
    beyond_least = stalled_law(
        quiet=(np.maximum(state.base_s - least, 1e-9), state.gap_sd_s**2 + 1e-18),
        stalls=state.stalls.rate * state.gap_s,
        stall=(one, np.minimum(two, one * _full_chunk_s(known, state))),
    )
    longest = state.base_s + 3.0 * state.gap_sd_s + _full_chunk_s(known, state)
    return lambda t: np.where(t > longest, 0.0, beyond_least(t - least))
