"""Limit cases with a known answer: M/M/1, M/D/1, M/G/1, Erlang-C, and ciw as an oracle."""

import math

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import capacity
from recommender.queueing.latency import latency
from recommender.queueing.simulator import simulate
from recommender.workload import Lengths

# With a = b = g = 0, one output token and a small budget, steps are short slices of FCFS service:
# a prompt takes d*I, nothing is shared. Prompts are multiples of the budget of 16 tokens.
FCFS = StepLaw(a=0.0, b=0.0, g=0.0, d=1e-5, q=0.0, max_batch=1e4, kv_tokens=1e9, chunk_tokens=16.0)
# With d = b = g = 0 a step lasts `a` whatever it holds: D steps of service, max_batch servers.
SERVERS = StepLaw(
    a=1e-3, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=8.0, kv_tokens=1e9, chunk_tokens=1e6
)


def prompts(inputs: np.ndarray) -> Lengths:
    return Lengths(inputs.astype(np.int64), np.ones(inputs.size, np.int64))


def exponential_prompts(mean: float) -> Lengths:
    random = np.random.default_rng(0)
    return prompts(np.maximum(np.rint(random.exponential(mean / 16, 200_000)), 1) * 16)


def test_m_d_1() -> None:
    lengths = prompts(np.array([1600]))  # 16 ms
    assert capacity(FCFS, lengths)[0] == pytest.approx(62.5, rel=0.01)
    for load in (0.3, 0.6, 0.8):
        mean = 16e-3 * (1 + load / (2 * (1 - load)))
        run = simulate(FCFS, lengths, load * 62.5, requests=100_000)
        assert run.ttft_s.mean() == pytest.approx(mean, rel=0.04)


def test_m_m_1() -> None:
    lengths = exponential_prompts(1600)
    service = lengths.mean_input * 1e-5
    for load in (0.3, 0.6, 0.8):
        run = simulate(FCFS, lengths, load / service, requests=100_000)
        # the sojourn time is exponential with mean s / (1 - rho)
        assert run.ttft_s.mean() == pytest.approx(service / (1 - load), rel=0.06)
        p99 = service / (1 - load) * math.log(100)
        assert run.percentile("ttft", 0.99) == pytest.approx(p99, rel=0.10)
        formula = latency(FCFS, lengths, load / service)
        assert formula.ttft_s[0] == pytest.approx(p99, rel=0.12)


def test_m_g_1_waits_as_pollaczek_and_khinchine_say() -> None:
    inputs = np.repeat([160, 160, 160, 6400], 10)
    lengths = prompts(inputs)
    service = inputs * 1e-5
    load = 0.6
    rate = load / service.mean()
    wait = rate * (service**2).mean() / (2 * (1 - load))
    run = simulate(FCFS, lengths, rate, requests=200_000)
    assert run.ttft_s.mean() == pytest.approx(service.mean() + wait, rel=0.05)


def test_erlang_c() -> None:
    """Steps of constant length are a time slice: max_batch servers, geometric service, FCFS."""
    random = np.random.default_rng(0)
    outputs = 1 + random.geometric(1 / 200, 200_000)
    lengths = Lengths(np.ones_like(outputs), outputs.astype(np.int64))
    service = lengths.mean_output * 1e-3  # one prefill step and E[D] decode steps hold the slot
    servers, offered = 8, 8 * 0.8
    rate = offered / service
    terms = [offered**k / math.factorial(k) for k in range(servers)]
    last = offered**servers / math.factorial(servers) / (1 - offered / servers)
    waiting = last / (sum(terms) + last)
    expected = waiting * service / (servers - offered)
    run = simulate(SERVERS, lengths, rate, requests=200_000)
    # beside the queue: half a step until the next one begins, and the prefill step itself
    assert run.ttft_s.mean() - 1.5e-3 == pytest.approx(expected, rel=0.08)
    assert capacity(SERVERS, lengths)[0] == pytest.approx(8 / service, rel=0.02)


@pytest.mark.slow
def test_ciw_agrees_on_several_servers() -> None:
    ciw = pytest.importorskip("ciw")
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=0.85 * 4 / 0.2)],
        service_distributions=[ciw.dists.Exponential(rate=1 / 0.2)],
        number_of_servers=[4],
    )
    ciw.seed(2)
    oracle = ciw.Simulation(network)
    oracle.simulate_until_max_time(10_000.0)
    waits = np.array([r.waiting_time for r in oracle.get_all_records() if r.arrival_date > 100])
    random = np.random.default_rng(0)
    outputs = 1 + random.geometric(1 / 199, 200_000)
    law = StepLaw(
        a=1e-3, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=4.0, kv_tokens=1e9, chunk_tokens=1e6
    )
    lengths = Lengths(np.ones_like(outputs), outputs.astype(np.int64))
    run = simulate(law, lengths, 0.85 * 4 / 0.2, requests=200_000)
    assert run.ttft_s.mean() - 1.5e-3 == pytest.approx(waits.mean(), rel=0.12)
    assert run.percentile("ttft", 0.9) == pytest.approx(np.quantile(waits, 0.9), rel=0.12)
