"""One failure, replayed: nodes go down at T, their requests start again elsewhere, nodes return.

Under random routing the replicas of a plan are independent queues, coupled only by the requests
that a failure sends on; of bursts they get theirs at the same time, which changes what none of
them meets. So an incident is exact as a few runs of single replicas:

1. a lost replica until T: what is not complete then is *interrupted*, and so is what still comes
   until the failure is noticed, at T + N;
2. at T + N each interrupted request is sent to a survivor, chosen with its routing weight, and
   computed from the start; its times count from its first arrival;
3. a survivor: its own requests, at its higher weight from T + N to T + R, and those sent to it;
4. the lost replica from T + R: empty, at its old weight.

Of the survivors of a deployment only `stand_ins` are simulated; they are alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, join_draws
from recommender.queueing.policy import Policy
from recommender.queueing.simulated import Simulated
from recommender.queueing.simulator import replay
from recommender.queueing.state import Floats
from recommender.verification.load import Load
from recommender.verification.sources import Source

BEFORE, DURING, AFTER = 0, 1, 2
_SEEDS_APART = 1_000_003


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Failure, return and end of an incident, from its start [s]; no return is the end.

    Until `noticed_s` requests are still sent to the lost nodes, where they wait; None: at once.
    """

    fails_s: float
    returns_s: float
    end_s: float
    noticed_s: float | None = None

    @property
    def sent_on_s(self) -> float:
        """When the lost nodes get no more requests, and theirs are sent on [s]."""
        return self.fails_s if self.noticed_s is None else self.noticed_s

    def phase(self, arrival_s: Floats) -> npt.NDArray[np.int64]:
        """0 before, 1 during, 2 after the failure."""
        return np.searchsorted([self.fails_s, self.returns_s], arrival_s, side="right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Replicas of one deployment.

    Attributes
    ----------
    rate, degraded_rate
        Of one replica with all nodes up, and of a survivor [requests/s].
    lost, left, stand_ins
        Replicas that go down, that stay, and of these, that are simulated [count].
    """

    law: StepLaw
    rate: float
    degraded_rate: float
    lost: int
    left: int
    stand_ins: int


@dataclass(frozen=True, eq=False)
class Part:
    """Requests of one replica that were answered; times count from their first arrival."""

    run: Simulated
    retried: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Incident:
    """Parts by deployment: of survivors, and of lost replicas (before and after)."""

    survivors: Mapping[str, list[Part]]
    lost: Mapping[str, list[Part]]
    interrupted: int


def replay_incident(
    kinds: Mapping[str, Kind], times: Times, source: Source, *, seed: int
) -> Incident:
    """Simulate one incident; the same seed gives the same incident."""
    seeds = count(seed * _SEEDS_APART)
    lost: dict[str, list[Part]] = {name: [] for name in kinds}
    broken: list[Draw] = []
    for name, kind in kinds.items():
        for _ in range(kind.lost):
            part, interrupted = _until_failure(kind, times, source, next(seeds))
            lost[name] += part
            broken += interrupted
    sent = sent_on(broken, kinds, next(seeds))
    survivors: dict[str, list[Part]] = {name: [] for name in kinds}
    for name, kind in kinds.items():
        for number in range(kind.stand_ins):
            own = _survivor(kind, sent.get((name, number)), times, source, next(seeds))
            survivors[name] += own
        if times.returns_s < times.end_s:
            for _ in range(kind.lost):
                lost[name] += _returned(kind, times, source, next(seeds))
    return Incident(survivors, lost, sum(part.arrival.size for part in broken))


def _until_failure(
    kind: Kind, times: Times, source: Source, seed: int
) -> tuple[list[Part], list[Draw]]:
    """What a lost replica completes before it fails, and what is interrupted.

    What arrives after T changes nothing before, so the run up to T is that of the failing replica,
    and a request that ends later was interrupted. The last gaps, after T, are counted in no row.
    """
    stream = source.stream(kind.law, Load((0.0, times.sent_on_s), (kind.rate,)), seed)
    if not stream.arrival.size:
        return [], []
    sections = times.phase(stream.arrival)
    sections[sections > BEFORE] = -1
    sections[-1] = -1
    run = replay(kind.law, stream, sections=sections, policy=Policy(kv=source.kv), seed=seed)
    finish_s = run.arrival_s + run.e2e_s - kind.law.frontend_s
    complete = finish_s <= times.fails_s
    part = Part(requests_of(run, complete), np.zeros(int(complete.sum()), np.bool_))
    return [part], [stream.take(~complete)]


def sent_on(
    broken: list[Draw], kinds: Mapping[str, Kind], seed: int
) -> dict[tuple[str, int], Draw]:
    """Interrupted requests by the survivor that gets them."""
    if not broken:
        return {}
    requests = join_draws(broken)
    random = np.random.default_rng(seed)
    names = [name for name, kind in kinds.items() if kind.left]
    weights = np.array([kinds[n].left * kinds[n].degraded_rate for n in names])
    chosen = random.choice(len(names), size=requests.arrival.size, p=weights / weights.sum())
    replica = random.integers(np.array([kinds[n].left for n in names])[chosen])
    return {
        (name, number): requests.take((chosen == place) & (replica == number))
        for place, name in enumerate(names)
        for number in range(kinds[name].stand_ins)
    }


def _survivor(kind: Kind, sent: Draw | None, times: Times, source: Source, seed: int) -> list[Part]:
    edges = (0.0, times.sent_on_s, times.returns_s, times.end_s)
    load = Load(edges, (kind.rate, kind.degraded_rate, kind.rate))
    own = source.stream(kind.law, load, seed)
    first_s, retried = own.arrival, np.zeros(own.arrival.size, np.bool_)
    if sent is not None and sent.arrival.size:
        size = sent.arrival.size
        ranks = np.random.default_rng(seed).integers(int(kind.law.ranks), size=size)
        again = replace(sent, arrival=np.full(size, times.sent_on_s), rank=ranks)
        own = join_draws([own, again])
        first_s = np.concatenate([first_s, sent.arrival])
        retried = np.concatenate([retried, np.ones(size, np.bool_)])
    if not own.arrival.size:
        return []
    order = np.argsort(own.arrival, kind="stable")
    own, first_s, retried = own.take(order), first_s[order], retried[order]
    sections = times.phase(own.arrival)
    run = replay(kind.law, own, sections=sections, policy=Policy(kv=source.kv), seed=seed)
    wait_s = own.arrival - first_s
    run = replace(run, ttft_s=run.ttft_s + wait_s, e2e_s=run.e2e_s + wait_s, arrival_s=first_s)
    return [Part(run, retried)]


def _returned(kind: Kind, times: Times, source: Source, seed: int) -> list[Part]:
    edges = (0.0, times.returns_s, times.end_s)
    stream = source.stream(kind.law, Load(edges, (0.0, kind.rate)), seed)
    if not stream.arrival.size:
        return []
    sections = times.phase(stream.arrival)
    run = replay(kind.law, stream, sections=sections, policy=Policy(kv=source.kv), seed=seed)
    return [Part(run, np.zeros(stream.arrival.size, np.bool_))]


def requests_of(run: Simulated, chosen: npt.NDArray[np.bool_]) -> Simulated:
    """Some requests of a run; its totals stay those of the whole."""
    arrays = {
        field.name: getattr(run, field.name)[chosen]
        for field in fields(run)
        if np.shape(getattr(run, field.name)) == chosen.shape
    }
    changed: dict[str, Any] = arrays
    return replace(run, **changed)


def compact(incident: Incident) -> Incident:
    """The same in half the memory: seven digits of every time are enough for percentiles."""

    def smaller(part: Part) -> Part:
        shape = part.run.ttft_s.shape
        arrays: dict[str, Any] = {
            field.name: value.astype(np.float32 if value.dtype.kind == "f" else np.int32)
            for field in fields(part.run)
            if np.shape(value := getattr(part.run, field.name)) == shape
        }
        gaps = part.run.gaps[: AFTER + 1].copy()  # the other rows are empty
        return Part(replace(part.run, **(arrays | {"gaps": gaps})), part.retried)

    def all_of(parts: Mapping[str, list[Part]]) -> dict[str, list[Part]]:
        return {name: [smaller(part) for part in found] for name, found in parts.items()}

    return replace(incident, survivors=all_of(incident.survivors), lost=all_of(incident.lost))
