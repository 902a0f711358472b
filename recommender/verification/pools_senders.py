r"""The prefill side of an incident: what each sender hands over, when, and to which decode replica.

Of m senders that stand for M, a cache goes to decode replica j with probability

    M/m * r_j / Q          m >= M * (sum of r_j/Q over the decode replicas that are simulated)

which leaves every rate as it is; fewer senders make arrivals burstier, which is on the safe side.
The replica is chosen when the cache is handed over: from T + N to T + R among those that are up.

Symbol  Meaning                                                              Unit
r_j, Q  rate of one decode replica, and of all of them                       requests/s
T, N, R failure, time until it is noticed, repair (`incident`)               s
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, join_draws
from recommender.queueing.policy import Policy
from recommender.queueing.simulator import replay
from recommender.queueing.state import Floats, Integers
from recommender.queueing.tandem import moved
from recommender.verification.incident import Kind, Times, sent_on
from recommender.verification.load import Load
from recommender.verification.sources import Source

ELSEWHERE = -1
"""A decode replica that is not simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Replicas of one deployment of a pool, and its transfer time of a prompt token [s].

    `recompute` is the law by which a decode replica computes what it preempts; None reserves KV.
    """

    kind: Kind
    s_per_token: float
    recompute: StepLaw | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BothPools:
    """Deployments of both pools; a prompt below `least_tokens` moves as much as one of those."""

    prefill: Mapping[str, Member]
    decode: Mapping[str, Member]
    least_tokens: float


@dataclass(frozen=True, slots=True)
class Receiver:
    """One decode replica that is simulated: its deployment, and whether it goes down."""

    name: str
    lost: bool


def receivers_of(decode: Mapping[str, Member]) -> list[Receiver]:
    """Stand-ins of those that stay up, and all that go down."""
    return [
        Receiver(name, lost)
        for name, member in decode.items()
        for number, lost in ((member.kind.stand_ins, False), (member.kind.lost, True))
        for _ in range(number)
    ]


def weights(decode: Mapping[str, Member], *, degraded: bool) -> Floats:
    """r_j / Q of each receiver, with all up or with the lost ones down, shape (receivers,)."""
    kinds = {name: member.kind for name, member in decode.items()}
    whole = sum((kind.left + kind.lost) * kind.rate for kind in kinds.values())
    rates = [
        (0.0 if receiver.lost else kinds[receiver.name].degraded_rate)
        if degraded
        else kinds[receiver.name].rate
        for receiver in receivers_of(decode)
    ]
    return np.asarray(rates, dtype=np.float64) / whole


@dataclass(frozen=True, eq=False)
class Flow:
    """What one sender hands over, each field of shape (n,).

    Attributes
    ----------
    requests
        With their first arrival.
    sent_s
        When the cache has left the sender [s].
    receiver
        Number of the decode replica, or ELSEWHERE.
    retried
        Whether it was interrupted once.
    frontend_s
        Of the sender, on top of `sent_s`.
    """

    sender: str
    requests: Draw
    sent_s: Floats
    receiver: Integers
    retried: npt.NDArray[np.bool_]
    frontend_s: float

    def take(self, index: npt.NDArray[np.bool_]) -> "Flow":
        """Some of the requests."""
        return replace(
            self,
            requests=self.requests.take(index),
            sent_s=self.sent_s[index],
            receiver=self.receiver[index],
            retried=self.retried[index],
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Senders:
    """The prefill replicas of one incident; the same seed gives the same requests."""

    pools: BothPools
    times: Times
    source: Source
    seed: int

    def until_failure(self) -> tuple[list[Flow], list[Draw]]:
        """What lost replicas have handed over at T, and what is interrupted."""
        flows: list[Flow] = []
        interrupted: list[Draw] = []
        for place, (name, member) in enumerate(self.pools.prefill.items()):
            kind = member.kind
            load = Load((0.0, self.times.sent_on_s), (kind.rate,))
            for number, own in enumerate(self._own(name, load, kind.lost, (place, 1))):
                flow = self._flow(name, own, (self.seed, place, number, 1))
                if flow is not None:
                    complete = flow.sent_s <= self.times.fails_s
                    flows.append(flow.take(complete))
                    interrupted.append(flow.requests.take(~complete))
        return flows, interrupted

    def flows(self, interrupted: Sequence[Draw]) -> list[Flow]:
        """What the others hand over, with these requests sent again, and lost ones when back."""
        kinds = {name: member.kind for name, member in self.pools.prefill.items()}
        again = sent_on(list(interrupted), kinds, self.seed)
        times, found = self.times, list[Flow | None]()
        edges = (0.0, times.sent_on_s, times.returns_s, times.end_s)
        for place, (name, kind) in enumerate(kinds.items()):
            load = Load(edges, (kind.rate, kind.degraded_rate, kind.rate))
            for number, own in enumerate(self._own(name, load, kind.stand_ins, (place, 0))):
                key, share = (self.seed, place, number, 0), kind.left / kind.stand_ins
                sent = again.get((name, number))
                found.append(self._flow(name, own, key, again=sent, share=share))
            if times.returns_s < times.end_s:
                back = Load((0.0, times.returns_s, times.end_s), (0.0, kind.rate))
                for number, own in enumerate(self._own(name, back, kind.lost, (place, 2))):
                    found.append(self._flow(name, own, (self.seed, place, number, 2)))
        return [flow for flow in found if flow is not None]

    def _own(self, name: str, load: Load, replicas: int, key: tuple[int, int]) -> Sequence[Draw]:
        """What senders of one deployment get themselves, a burst all of them at once."""
        if not replicas:
            return ()
        seed = int(np.random.default_rng((self.seed, *key)).integers(2**31))
        return self.source.streams(self.pools.prefill[name].kind.law, load, seed, replicas)

    def _flow(
        self,
        name: str,
        own: Draw,
        key: tuple[int, ...],
        *,
        again: Draw | None = None,
        share: float = 1.0,
    ) -> Flow | None:
        """One prefill replica and its network; None where nothing arrives."""
        member, random = self.pools.prefill[name], np.random.default_rng(key)
        if not own.arrival.size:
            return None
        chance, retried = random.random(own.arrival.size), np.zeros(own.arrival.size, np.bool_)
        first_s = own.arrival
        if again is not None and again.arrival.size:
            own, first_s = self._with(own, again, random, int(member.kind.law.ranks))
            retried = np.arange(first_s.size) >= retried.size
            chance = np.concatenate([chance, random.random(again.arrival.size)])
        order = np.argsort(own.arrival, kind="stable")
        own, first_s = own.take(order), first_s[order]
        sent_s = self._sent_s(member, own)
        return Flow(
            sender=name,
            requests=replace(own, arrival=first_s),
            sent_s=sent_s,
            receiver=self._receiver(sent_s, chance[order], share),
            retried=retried[order],
            frontend_s=float(member.kind.law.frontend_s),
        )

    def _with(
        self, own: Draw, again: Draw, random: np.random.Generator, ranks: int
    ) -> tuple[Draw, Floats]:
        """Its own requests, then those sent again at T + N; and their first arrivals."""
        size = again.arrival.size
        at = np.full(size, self.times.sent_on_s)
        late = replace(again, arrival=at, rank=random.integers(ranks, size=size))
        return join_draws([own, late]), np.concatenate([own.arrival, again.arrival])

    def _sent_s(self, member: Member, own: Draw) -> Floats:
        """When each cache has left the replica [s]."""
        law, prompts = member.kind.law, replace(own, output_tokens=np.ones_like(own.output_tokens))
        sections = np.zeros(own.arrival.size, np.int64)
        run = replay(law, prompts, sections=sections, policy=Policy(kv=self.source.kv))
        ready_s = own.arrival + run.ttft_s - float(law.frontend_s)
        return moved(
            ready_s, own.rank, member.s_per_token, own.input_tokens, self.pools.least_tokens
        )

    def _receiver(self, sent_s: Floats, chance: Floats, share: float) -> Integers:
        """The decode replica of each cache, by a number in [0, 1) that was drawn for it."""
        away = (sent_s >= self.times.sent_on_s) & (sent_s < self.times.returns_s)
        found = np.full(sent_s.size, ELSEWHERE)
        for when, degraded in ((~away, False), (away, True)):
            edges = np.cumsum(share * weights(self.pools.decode, degraded=degraded))
            place = np.searchsorted(edges, chance[when], side="right")
            found[when] = np.where(place < edges.size, place, ELSEWHERE)
        return found
