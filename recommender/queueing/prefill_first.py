"""Latency of an engine that computes prompts first: decodes stop while prompts wait.

(Orca, Yu et al. 2022, and vLLM before V1.) A rank is an M/G/1 queue of prompts whose server takes
a vacation, one decode step, whenever no prompt waits (Levy and Yechiali 1975):

    wait  = rest of a decode step  +  V  +  behind,      V = lambda*E[s'^2] / (2*(1 - rho))
    s'    = a/m + d*I + q*I^2/2,   m = x/(1 - exp(-x)),  x = lambda * max(tau0, a + s),  m <= C/E[I]
    tau   = (a + beta) / (1 - rho - lambda*E[D]*beta)    mean time between tokens of a sequence
    tau0  = a + beta*(1 + n),      n = lambda*E[D]*tau   a decode step
    lambda < 1 / (s*(a, full) + E[D]*(a + beta*N)/N)     capacity: every slot taken, steps full

Every prompt that comes while a sequence decodes stops it: D steps are stopped by the prompts of
D*tau0, and by those left behind its own, in busy periods of mean E[s']/(1 - rho) and mean square
E[s'^2]/(1 - rho)^3 (Takacs 1962). Without decodes (D = 0) and with a = 0 this is M/G/1.

Symbol   Meaning                                                                   Unit
lambda   arrivals                                                                  1/s
s        prefill time of a prompt of its own, d*I + q*I^2/2                        s
m        prompts that share a prefill step, and its time a                         count
rho      share of time that prefill takes, lambda*E[s']                            -
C        token budget of a step                                                    tokens
beta     cost of a sequence per decode step                                        s
behind   prompts of the same step that come later but end with it, 1/2 chunk most  s

For one rank; at library level: plans are sized for chunked prefill, as vLLM schedules.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import Number, StepLaw
from recommender.queueing.capacity import full_batch, prefill_moments
from recommender.queueing.clumping import split_variability
from recommender.queueing.laws import Array, Laws, as_laws, step_gains
from recommender.queueing.moments import LengthMoments, length_moments
from recommender.queueing.nodes import Nodes, length_nodes
from recommender.queueing.percentiles import averaging
from recommender.queueing.prompt_wait import MOST_LOAD, Moments3, Wait, pollaczek, wait_mixture
from recommender.queueing.steady_state import waits_for_slot
from recommender.queueing.tails import gamma_tail, stalled_tail
from recommender.slo import EVERY_REQUEST, Bucket, Metric, Target
from recommender.stream import Stream
from recommender.workload import Lengths, Workload

_SHARING_STEPS = 4
_HALVINGS = 40
_SHORTEST_S, _LONGEST_S = 1e-5, 1e5


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """A rank at a rate, each of shape (n,)."""

    laws: Laws
    moments: LengthMoments
    rate: Array
    service: Moments3
    """Of s', a prompt and its share of the step."""
    busy: Array
    """rho."""
    step_s: Array
    """tau0."""
    gap_s: Array
    """tau."""
    step_sd_s: Array
    load: Array
    wait: Wait
    slot_probability: Array
    slot_wait_s: Array


def prefill_first_capacity(law: StepLaw, lengths: Lengths) -> npt.NDArray[np.float64]:
    """Largest stable rate [requests/s], shape (n,); 0 where the longest request does not fit."""
    laws, moments = _prepared(law, lengths)
    return np.where(laws.kv_tokens >= moments.longest, _capacity(laws, moments), 0.0)


def _capacity(laws: Laws, moments: LengthMoments) -> Array:
    shared = laws.a * moments.input_mean / laws.chunk_tokens
    each = prefill_moments(laws.d, laws.q, moments)[0] + shared
    if moments.decode_steps > 0.0:
        slots = full_batch(laws, moments)
        step = laws.a + (laws.b + laws.g * moments.context) * slots
        each = each + moments.decode_steps * step / slots
    return 1.0 / each


def prefill_first_s(
    law: StepLaw, workload: Workload, target: Target, requests_per_s: Number
) -> npt.NDArray[np.float64]:
    """The percentile that a target asks about [s], shape (n,); infinite at the capacity.

    Raises ValueError for a law with several ranks or several tokens per step, and for `itl`.
    """
    laws, moments = _prepared(law, workload.lengths)
    if target.metric == "itl":
        raise ValueError("gaps of single tokens are not computed for prompts first")
    rate = np.broadcast_to(np.asarray(requests_per_s, dtype=np.float64), (len(laws),))
    most = prefill_first_capacity(law, workload.lengths)
    state = _state(laws, moments, np.minimum(rate, 0.999 * most), workload.stream)
    low = np.full(len(laws), np.log(_SHORTEST_S))
    high = np.full(len(laws), np.log(_LONGEST_S))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        missed = _exceedance(target.metric, np.exp(middle), state, target.bucket)
        late = missed > 1.0 - target.percentile
        low, high = np.where(late, middle, low), np.where(late, high, middle)
    return np.where(rate < most, np.exp(high), np.inf)


def _prepared(law: StepLaw, lengths: Lengths) -> tuple[Laws, LengthMoments]:
    if np.any(np.asarray(law.ranks) != 1.0) or step_gains(law).mean != 1.0:
        raise ValueError("prompts first is computed for one rank and one token per step")
    moments = length_moments(lengths)
    return as_laws(law, attended=moments.attended), moments


def _state(laws: Laws, moments: LengthMoments, rate: Array, stream: Stream) -> _State:
    prefill, steps = prefill_moments(laws.d, laws.q, moments), moments.decode_steps
    per_sequence = laws.b + laws.g * moments.context
    bursts = split_variability(stream.burstiness, stream.shared_by(rate) / rate)
    most_sharing = np.maximum(laws.chunk_tokens / moments.input_mean, 1.0)
    chunks = np.maximum(moments.input_mean / laws.chunk_tokens, 1.0)
    sharing = np.ones(len(laws))
    for _ in range(_SHARING_STEPS):
        service = _with_step(prefill, laws.a * chunks / sharing)
        busy = np.minimum(rate * service[0], MOST_LOAD)
        decoding = np.minimum(rate * steps * per_sequence, (1.0 - busy) * MOST_LOAD)
        gap = (laws.a + per_sequence) / (1.0 - busy - decoding)
        step = laws.a + per_sequence * (1.0 + rate * steps * gap)
        x = rate * np.maximum(step, laws.a + prefill[0]) + 1e-9
        sharing = np.clip(x / -np.expm1(-x), 1.0, most_sharing)
    load = decoding / (1.0 - busy)
    batch = rate * steps * gap
    spread = per_sequence * np.sqrt(batch / (1.0 - load) * bursts)
    slot_probability, slot_wait = _slots(laws, moments, rate, batch, batch / (1.0 - load), bursts)
    return _State(
        laws=laws, moments=moments, rate=rate, service=service, busy=busy, step_s=step, gap_s=gap,
        step_sd_s=spread, load=load,
        wait=_wait(laws, rate, service, prefill, busy=busy, step=step, batch=batch, bursts=bursts,
                   sharing=sharing),
        slot_probability=slot_probability, slot_wait_s=slot_wait,
    )  # fmt: skip


def _slots(
    laws: Laws, moments: LengthMoments, rate: Array, batch: Array, variance: Array, bursts: Array
) -> tuple[Array, Array]:
    """Probability that a prompt waits for a slot, and the mean of that wait [s]."""
    if moments.decode_steps <= 0.0:
        return np.zeros_like(rate), np.zeros_like(rate)
    slots = full_batch(laws, moments)
    by_kv = slots < laws.max_batch
    return waits_for_slot(
        moments,
        slots=slots,
        drain=_capacity(laws, moments),
        rate=rate,
        batch=np.minimum(batch, slots),
        variance=variance * bursts + np.where(by_kv, batch * moments.held_relative_variance, 0.0),
        arriving=bursts - 0.5,
    )


def _with_step(prefill: Moments3, step_s: Array) -> Moments3:
    """Moments of the prefill time plus a constant."""
    one, two, three = prefill
    return (
        one + step_s,
        two + 2.0 * step_s * one + step_s**2,
        three + 3.0 * step_s * two + 3.0 * step_s**2 * one + step_s**3,
    )


def _wait(
    laws: Laws, rate: Array, service: Moments3, prefill: Moments3, *, busy: Array, step: Array,
    batch: Array, bursts: Array, sharing: Array,
) -> Wait:  # fmt: skip
    """The decomposition of M/G/1 with vacations: rest of a step, queue, and prompts behind."""
    working = -np.expm1(-batch)
    queue, queue_variance = pollaczek(rate, service)
    prefill_step = sharing * service[0] + service[1] / np.maximum(service[0], 1e-12)
    seen = (1.0 - busy) * working * step + busy * prefill_step
    behind = np.minimum(0.5 * rate * seen * prefill[0], 0.5 * laws.d * laws.chunk_tokens)
    mean = 0.5 * working * step + queue * bursts + behind
    variance = working * step**2 / 3.0 - (0.5 * working * step) ** 2
    variance = variance + queue_variance * bursts**2 + behind**2
    variance = variance + 0.5 * rate * seen * prefill[1]
    alone = (1.0 - busy) * np.exp(-rate * step)
    return wait_mixture(
        mean, variance, idle=(1.0 - working) * alone, quiet=working * alone, quiet_s=step,
        seen_s=seen,
    )  # fmt: skip


def _exceedance(metric: Metric, t: Array, state: _State, bucket: Bucket = EVERY_REQUEST) -> Array:
    """P(metric > t) over the requests of a bucket, shape (n,)."""
    of_bucket = length_nodes(state.moments.lengths, bucket)
    nodes, tail = {
        "ttft": (of_bucket.prompts, _ttft),
        "tpot": (of_bucket.outputs, _tpot),
        "e2e": (of_bucket.requests, _e2e),
    }[metric]
    if nodes is None:
        return np.zeros_like(state.rate)
    mixed: Array = (nodes.weight * tail(t, nodes, state)).sum(axis=0)
    return mixed


def _own_s(nodes: Nodes, state: _State) -> Array:
    """Prefill of a node's prompts, in steps of their own."""
    laws = state.laws
    chunks = np.ceil(nodes.input_tokens / laws.chunk_tokens)
    return chunks * laws.a + laws.prompt_s(nodes.input_tokens)


def _first_token_s(nodes: Nodes, state: _State) -> Array:
    """Time to the first token of a node's prompts without waiting."""
    laws, tokens = state.laws, nodes.input_tokens
    longer = laws.own_prompt_s(tokens) - laws.prompt_s(tokens)
    return laws.frontend_s + _own_s(nodes, state) + longer


def _ttft(t: Array, nodes: Nodes, state: _State) -> Array:
    slack = t - _first_token_s(nodes, state)
    return _with_slot_wait(state.wait.exceeds(slack), slack - state.wait.mean_s, state)


def _with_slot_wait(tail: Array, beyond_s: Array, state: _State) -> Array:
    """Some prompts wait for a slot as well, for an exponential time."""
    waited = np.exp(-np.maximum(beyond_s, 0.0) / np.maximum(state.slot_wait_s, 1e-12))
    return tail + state.slot_probability * np.maximum(waited - tail, 0.0)


def _decode(nodes: Nodes, state: _State) -> tuple[tuple[Array, Array], Array, tuple[Array, Array]]:
    """Decode steps of a node (mean, variance), stalls, and a stall (mean, mean square)."""
    steps = nodes.decode_steps
    span = steps / (state.moments.decode_steps + 1e-12) * (1.0 - state.load)
    left_behind = np.where(steps > 0, state.wait.mean_s + _own_s(nodes, state), 0.0)
    free = 1.0 - state.busy
    quiet = (
        np.maximum(steps * state.step_s, 1e-9),
        (steps * state.step_sd_s) ** 2 * averaging(span) + 1e-18,
    )
    stalls = state.rate * (steps * state.step_s + left_behind)
    return quiet, stalls, (state.service[0] / free, state.service[1] / free**3)


def _tpot(t: Array, nodes: Nodes, state: _State) -> Array:
    quiet, stalls, stall = _decode(nodes, state)
    return stalled_tail(nodes.decode_steps * t, quiet=quiet, stalls=stalls, stall=stall)


def _e2e(t: Array, nodes: Nodes, state: _State) -> Array:
    quiet, stalls, stall = _decode(nodes, state)
    laws = state.laws
    token_s = laws.prompt_stretch * (laws.d + laws.q * nodes.input_tokens)
    uneven = nodes.input_variance * token_s**2
    mean = _first_token_s(nodes, state) + state.wait.mean_s + quiet[0] + stalls * stall[0]
    variance = state.wait.variance + quiet[1] + stalls * stall[1] + uneven
    tail = gamma_tail(t, mean=mean, variance=variance)
    return _with_slot_wait(tail, t - mean, state)
