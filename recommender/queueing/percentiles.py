"""Probability that a request of a replica exceeds a time, for each metric.

Every metric is a mixture over length nodes j with weights w_j (`moments`):

    P(TTFT > t) = sum_j w_j * P(frontend + base + k_j*base + stages*s_j + wait > t)
    P(TPOT > t) = sum_j w_j * P(G_j > t),  mean tau + x_j,  variance below
    P(E2E  > t) = sum_j w_j * P(first token + D_j * gaps > t)
    P(ITL  > t) = share of gaps that hold more than (t - base)/d prompt tokens

Inside a node the time is a gamma variable with the node's mean and variance. A request that waits
for a slot (probability P_w) waits an exponential time more.

TPOT of D gaps: the batch varies (Ornstein-Uhlenbeck, averaged over the request), prefills of
others arrive as a compound Poisson process (each stall lengthens the window for further ones:
1/(1-pi)^2), and the own prefill leaves work behind that delays the first gap.
"""

import numpy as np

from recommender.queueing.laws import Array
from recommender.queueing.moments import Nodes
from recommender.queueing.steady_state import Prepared, SteadyState
from recommender.queueing.tails import gamma_tail
from recommender.slo import Metric


def exceedance(metric: Metric, t: Array, known: Prepared, state: SteadyState) -> Array:
    """P(metric > t), shape (n,); over requests, for `itl` over gaps."""
    if metric == "ttft":
        return _ttft(t, known, state)
    if metric == "tpot":
        return _tpot(t, known, state)
    if metric == "e2e":
        return _e2e(t, known, state)
    return _itl(t, known, state)


def _mixture(weight: Array, tail: Array) -> Array:
    """Sum over nodes: (m, 1) weights, (m, n) tails -> (n,)."""
    mixed: Array = (weight * tail).sum(axis=0)
    return mixed


def _first_token_s(nodes: Nodes, known: Prepared, state: SteadyState) -> Array:
    """Time to the first token of each node without waiting, shape (m, n)."""
    laws = known.laws
    own = laws.d * nodes.input_tokens + 0.5 * laws.q * nodes.input_tokens**2
    chunks = np.ceil(nodes.input_tokens / state.budget)
    slowest = np.cbrt(own**3 + state.others_s**3)
    return laws.frontend_s + chunks * state.base_s + slowest + (laws.stages - 1.0) * own


def _with_slot_wait(slack: Array, mean: Array, variance: Array, state: SteadyState) -> Array:
    plain = gamma_tail(slack, mean=mean, variance=variance)
    beyond = np.maximum(slack - mean, 0.0) / np.maximum(state.slot_wait_s, 1e-12)
    waited = np.maximum(np.exp(-beyond), plain)
    return plain + state.slot_probability * (waited - plain)


def _ttft(t: Array, known: Prepared, state: SteadyState) -> Array:
    nodes = known.moments.prompt_nodes
    slack = t - _first_token_s(nodes, known, state)
    tail = _with_slot_wait(slack, state.wait_s, state.wait_variance, state)
    return _mixture(nodes.weight, tail)


def _gaps(nodes: Nodes, known: Prepared, state: SteadyState) -> tuple[Array, Array]:
    """Mean and variance of the sum of a node's gaps, shape (m, n)."""
    laws = known.laws
    steps = nodes.decode_steps
    own = laws.d * nodes.input_tokens + 0.5 * laws.q * nodes.input_tokens**2
    open_share = 1.0 - state.stall_share
    left_behind = np.where(steps > 0, state.stall_share / open_share * own, 0.0)
    mean = steps * state.gap_s + left_behind
    span = steps * state.gap_s / (known.moments.decode_steps * state.gap_s + 1e-12)
    span = span * (1.0 - state.load)
    batch = (steps * state.sequence_stall_s * state.batch_sd) ** 2 * _averaging(span)
    stalls = state.stall_rate * steps * state.gap_s * known.prefill_2 / open_share**2
    return mean, batch + stalls


def _averaging(span: Array) -> Array:
    """Variance of the time average of an Ornstein-Uhlenbeck process over `span` relaxations."""
    x = np.maximum(span, 1e-3)
    average: Array = 2.0 * (x - 1.0 + np.exp(-x)) / x**2
    return average


def _tpot(t: Array, known: Prepared, state: SteadyState) -> Array:
    nodes = known.moments.output_nodes
    if nodes is None:
        return np.zeros_like(state.gap_s)
    mean, variance = _gaps(nodes, known, state)
    steps = nodes.decode_steps
    tail = gamma_tail(t, mean=mean / steps, variance=variance / steps**2)
    return _mixture(nodes.weight, tail)


def _e2e(t: Array, known: Prepared, state: SteadyState) -> Array:
    nodes = known.moments.request_nodes
    mean, variance = _gaps(nodes, known, state)
    laws = known.laws
    uneven = nodes.input_variance * (laws.d + laws.q * nodes.input_tokens) ** 2
    mean = mean + _first_token_s(nodes, known, state) + state.wait_s
    tail = _with_slot_wait(t, mean, variance + uneven + state.wait_variance, state)
    return _mixture(nodes.weight, tail)


def _itl(t: Array, known: Prepared, state: SteadyState) -> Array:
    """A gap holds the prompts that arrived in the one before it: compound Poisson, cut at C - n."""
    if known.moments.decode_steps <= 0.0:
        return np.zeros_like(state.gap_s)
    room = t - state.base_s
    prompts = state.stall_rate * state.gap_s
    some = -np.expm1(-prompts) + 1e-12
    mean = prompts * known.prefill_1 / some
    variance = np.maximum(
        prompts * known.prefill_2 / some + (prompts * known.prefill_1) ** 2 / some - mean**2, 1e-18
    )
    tail = some * gamma_tail(room, mean=mean, variance=variance)
    spread = known.per_sequence_s * state.batch_sd
    quiet = (1.0 - some) * gamma_tail(t, mean=state.base_s, variance=spread**2 + 1e-18)
    return np.where(room > known.laws.d * state.budget, 0.0, tail) + quiet
