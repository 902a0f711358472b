"""One failure in a plan with pools, replayed: nodes of one pool go down, the other goes on.

Every request passes a prefill replica and then a decode replica, each chosen at random by routing
weight. So an incident is a few runs of single replicas (words and times: `incident`):

1. a lost prefill replica until T: what it has not handed over by then is interrupted;
2. a lost decode replica, fed by the senders (`pools_senders`), until T: what is not answered by
   then is interrupted, and so is what is handed over to it until that is noticed, at T + N;
3. at T + N each interrupted request is sent to a prefill replica that is up and computed from the
   start: no cache outlives its replica, and none is kept that has been handed over;
4. the senders with these requests, then decode replicas behind them; lost ones again from T + R,
   empty.

Times count from the first arrival. What reaches a replica after T changes nothing before, so the
senders are run once to find what is interrupted, and once more with that sent again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recommender.queueing.arrivals import Draw, join_draws
from recommender.queueing.received import replay_received
from recommender.queueing.simulated import Simulated
from recommender.queueing.state import Floats, Integers
from recommender.queueing.tandem import moved
from recommender.verification.incident import BEFORE, Incident, Part, Times, requests_of
from recommender.verification.pools_senders import (
    BothPools,
    Flow,
    Member,
    Receiver,
    Senders,
    receivers_of,
)
from recommender.verification.sources import Source


def pair(prefill: str, decode: str) -> str:
    """Name of the requests that pass these deployments."""
    return f"{prefill} then {decode}"


def replay_pools_incident(pools: BothPools, times: Times, source: Source, *, seed: int) -> Incident:
    """Simulate one incident; parts are those of `pair`s. The same seed gives the same incident."""
    senders = Senders(pools=pools, times=times, source=source, seed=seed)
    before, interrupted = senders.until_failure()
    flows = [*before, *senders.flows(interrupted)]
    survivors: dict[str, list[Part]] = {}
    lost: dict[str, list[Part]] = {}
    receivers = receivers_of(pools.decode)
    down = [number for number, receiver in enumerate(receivers) if receiver.lost]
    for number in down:
        key, until_s = (seed, number, 3), times.sent_on_s
        arriving = _arriving(number, receivers[number], pools, flows, key, until_s=until_s)
        if arriving is not None:
            parts, broken = _until_failure(arriving, times)
            interrupted.append(broken)
            _add(lost, parts)
    if down:
        flows = [*before, *senders.flows(interrupted)]
    for number, receiver in enumerate(receivers):
        from_s = times.returns_s if receiver.lost else 0.0
        arriving = _arriving(number, receiver, pools, flows, (seed, number, 4), from_s=from_s)
        if arriving is not None:
            every = np.ones(arriving.there_s.size, np.bool_)
            run = _decoded(arriving, times.phase(arriving.there_s))
            _add(lost if receiver.lost else survivors, _by_pair(arriving, run, every))
    return Incident(survivors, lost, sum(part.arrival.size for part in interrupted))


def _add(parts: dict[str, list[Part]], more: Mapping[str, Part]) -> None:
    for name, part in more.items():
        parts.setdefault(name, []).append(part)


@dataclass(frozen=True, eq=False)
class _Arriving:
    """What reaches one decode replica, each field of shape (n,), in the order in which it does."""

    name: str
    member: Member
    requests: Draw
    """With their first arrival."""
    there_s: Floats
    """When the cache has been received [s]."""
    rank: Integers
    sender: npt.NDArray[np.str_]
    retried: npt.NDArray[np.bool_]
    frontend_s: Floats
    """Of the sender."""
    seed: int
    """Of what drafts gain."""


def _arriving(
    number: int,
    receiver: Receiver,
    pools: BothPools,
    flows: list[Flow],
    key: tuple[int, ...],
    *,
    from_s: float = 0.0,
    until_s: float = float("inf"),
) -> _Arriving | None:
    """What is handed over to this replica in a span of time; None where nothing is."""
    mine = [
        flow.take((flow.receiver == number) & (flow.sent_s >= from_s) & (flow.sent_s < until_s))
        for flow in flows
    ]
    mine = [flow for flow in mine if flow.sent_s.size]
    if not mine:
        return None
    member = pools.decode[receiver.name]
    requests = join_draws([flow.requests for flow in mine])
    sent_s = np.concatenate([flow.sent_s for flow in mine])
    random = np.random.default_rng(key)
    rank = random.integers(int(member.kind.law.ranks), size=sent_s.size)
    there_s = moved(sent_s, rank, member.s_per_token, requests.input_tokens, pools.least_tokens)
    order = np.argsort(there_s, kind="stable")
    sizes = [flow.sent_s.size for flow in mine]
    return _Arriving(
        name=receiver.name,
        member=member,
        requests=requests.take(order),
        there_s=there_s[order],
        rank=rank[order],
        sender=np.repeat([flow.sender for flow in mine], sizes)[order],
        retried=np.concatenate([flow.retried for flow in mine])[order],
        frontend_s=np.repeat([flow.frontend_s for flow in mine], sizes)[order],
        seed=int(random.integers(2**31)),
    )


def _decoded(arriving: _Arriving, sections: Integers) -> Simulated:
    """The tokens of these requests; times count from their first arrival."""
    requests = arriving.requests
    draw = Draw(
        arrival=arriving.there_s,
        input_tokens=requests.input_tokens,
        output_tokens=requests.output_tokens,
        rank=arriving.rank,
    )
    law, recompute = arriving.member.kind.law, arriving.member.recompute
    run = replay_received(law, draw, recompute=recompute, sections=sections, seed=arriving.seed)
    before_s = arriving.there_s - requests.arrival + arriving.frontend_s
    return replace(
        run,
        ttft_s=run.ttft_s + before_s,
        e2e_s=run.e2e_s + before_s,
        arrival_s=requests.arrival,
    )


def _until_failure(arriving: _Arriving, times: Times) -> tuple[dict[str, Part], Draw]:
    """What a lost replica answers before T, and what is interrupted; later gaps do not count."""
    sections = times.phase(arriving.there_s)
    sections[sections > BEFORE] = -1
    sections[-1] = -1
    run = _decoded(arriving, sections)
    law = arriving.member.kind.law
    answered_s = run.arrival_s + run.e2e_s - arriving.frontend_s - float(law.frontend_s)
    complete = answered_s <= times.fails_s
    return _by_pair(arriving, run, complete), arriving.requests.take(~complete)


def _by_pair(arriving: _Arriving, run: Simulated, chosen: npt.NDArray[np.bool_]) -> dict[str, Part]:
    """The chosen requests by where they came from; gaps are those of the decode replica."""
    return dict(_parts(arriving, run, chosen))


def _parts(
    arriving: _Arriving, run: Simulated, chosen: npt.NDArray[np.bool_]
) -> Iterator[tuple[str, Part]]:
    for sender in np.unique(arriving.sender):
        own = chosen & (arriving.sender == sender)
        yield pair(str(sender), arriving.name), Part(requests_of(run, own), arriving.retried[own])
