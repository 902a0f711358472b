"""What a failure does to the tail: p99 before, during and after, and when it is back.

An incident is a transient, so it is replayed many times with other random numbers, and the
repetitions, in ten groups, are the batches of the confidence intervals (independent replications;
Law 2015, 9.4). From the start there are as many as make the requests of an outage those of a run
that tells its targets with such bursts (`queueing.verdict.requests_that_tell`), 40,000 at least,
as far as they can be held. A request belongs to the phase in which it first arrived, one that was
sent on to the phase *during*; the first two minutes count nowhere.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np

from recommender.assembly.stated_law import law_of
from recommender.errors import SpecError
from recommender.plan import Deployment, Plan
from recommender.queueing.simulated import BATCHES, Simulated
from recommender.queueing.state import BINS
from recommender.queueing.verdict import requests_that_tell
from recommender.slo import Slo, Target
from recommender.verification.incident import (
    AFTER,
    BEFORE,
    DURING,
    Incident,
    Kind,
    Part,
    Times,
    compact,
    replay_incident,
    requests_of,
)
from recommender.verification.judge import goodput, judge, judge_goodput
from recommender.verification.losses import Survivors, survivors
from recommender.verification.recovery import back_inside_s, goodput_back_s
from recommender.verification.sources import Source
from recommender.verification.verification import Outage, Phase, Recovery, worst

PHASES = ("before", "during", "after")
SEED = 27_182
WARM_UP_S = 120.0
FEWEST_PER_BATCH = 4_000
MOST_REPETITIONS = 40
MOST_REQUESTS = 12_000_000
"""Of all incidents together, about 60 B each."""
LONGER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """`failures` worst groups go down at `fails_s` and are back after `repair_s`, if ever.

    For `unnoticed_s` requests are still sent to them, and wait there.
    """

    failures: int
    fails_s: float
    repair_s: float | None
    end_s: float
    unnoticed_s: float = 0.0

    @property
    def times(self) -> Times:
        """Moments of the incident."""
        back = self.end_s if self.repair_s is None else self.fails_s + self.repair_s
        return Times(
            fails_s=self.fails_s,
            returns_s=min(back, self.end_s),
            end_s=self.end_s,
            noticed_s=self.fails_s + self.unnoticed_s if self.unnoticed_s else None,
        )


def replay_outage(
    plan: Plan,
    failure: Failure,
    source: Source,
    *,
    demand: float,
    progress: Callable[[str], None] = lambda _: None,
) -> Outage:
    """Replay a failure; SpecError if the plan has too few groups or it takes too many requests."""
    whole = survivors(plan, demand=demand, failures=0)
    left = survivors(plan, demand=demand, failures=failure.failures)
    kinds = {d.name: kind_of(d, whole, left, failure.times) for d in plan.deployments}

    def replayed(seed: int) -> Incident:
        return replay_incident(kinds, failure.times, source, seed=seed)

    asked = Repeated(
        plan, failure, kinds, kinds, left.lost, replayed, burstiness_at=source.burstiness_at
    )
    return outage_of(asked, progress=progress)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A failure to replay: `judged` by name of what is reported, `simulated` what that takes."""

    plan: Plan
    failure: Failure
    judged: Mapping[str, Kind]
    simulated: Mapping[str, Kind]
    lost: tuple[str, ...]
    replayed: Callable[[int], Incident]
    """The incident of a seed."""
    burstiness_at: Callable[[float], float]
    """Of the arrivals of a replica at a rate [requests/s]."""
    what: str = ""


def outage_of(asked: Repeated, *, progress: Callable[[str], None]) -> Outage:
    """Repeat an incident until every target is decided, or enough; SpecError as `replay_outage`."""
    wanted, most = _repetitions(asked)
    incidents: list[Incident] = []
    while True:
        for number in range(len(incidents), BATCHES * wanted):
            progress(f"failure {number + 1} of {BATCHES * wanted}, {asked.what}".rstrip(", "))
            incidents.append(compact(asked.replayed(SEED + number)))
        found = _outage(asked, incidents)
        undecided = worst(tuple(phase.verdict for phase in found.phases)) == "undecided"
        if not undecided or wanted == most:
            return found
        wanted = min(LONGER * wanted, most)


def _outage(asked: Repeated, incidents: list[Incident]) -> Outage:
    phases: list[Phase] = []
    recoveries: list[Recovery] = []
    plan, failure = asked.plan, asked.failure
    slo = Slo(plan.targets, plan.goodput)
    for name, kind in asked.judged.items():
        per_incident = [_parts(incident, name, kind) for incident in incidents]
        phases += _phases(name, per_incident, failure.times, slo)
        if kind.left:
            recoveries += _recoveries(name, per_incident, failure.times, slo)
    return Outage(
        fails_s=failure.fails_s,
        returns_s=None if failure.repair_s is None else failure.times.returns_s,
        ends_s=failure.end_s,
        lost=asked.lost,
        failures=failure.failures,
        what=asked.what,
        unnoticed_s=failure.unnoticed_s,
        incidents=len(incidents),
        retried=float(np.mean([incident.interrupted for incident in incidents])),
        phases=tuple(phases),
        recoveries=tuple(recoveries),
    )


def kind_of(d: Deployment, whole: Survivors, left: Survivors, times: Times) -> Kind:
    """A deployment with as many stand-ins as give 4,000 requests of the outage in one incident."""
    degraded, remaining = left.requests_per_s.get(d.name, 0.0), left.replicas.get(d.name, 0)
    outage = max(degraded * (times.returns_s - times.fails_s), 1.0)
    return Kind(
        law=law_of(d),
        rate=whole.requests_per_s[d.name],
        degraded_rate=degraded,
        lost=left.lost_replicas.get(d.name, 0),
        left=remaining,
        stand_ins=min(remaining, -int(-FEWEST_PER_BATCH // outage)),
    )


def _repetitions(asked: Repeated) -> tuple[int, int]:
    """Incidents per batch to begin with, for a tenth of the requests of every outage that tell its
    targets, and the most of them.
    """
    times, slo = asked.failure.times, Slo(asked.plan.targets, asked.plan.goodput)
    wanted, per_incident = 1, 0.0
    for kind in asked.simulated.values():
        per_incident += (kind.lost + kind.stand_ins) * max(kind.rate, kind.degraded_rate)
        outage = kind.stand_ins * kind.degraded_rate * (times.returns_s - times.fails_s)
        if outage:
            seen = asked.burstiness_at(kind.degraded_rate)
            fewest = max(FEWEST_PER_BATCH, requests_that_tell(slo, burstiness=seen) // BATCHES)
            wanted = max(wanted, -int(-fewest // outage))
    requests = per_incident * times.end_s * BATCHES
    most = min(int(MOST_REQUESTS / requests), MOST_REPETITIONS)
    if most < 1:
        raise SpecError(
            f"this failure takes {requests:.3g} requests to replay, at most {MOST_REQUESTS:.3g}: "
            "let it happen earlier, or end sooner"
        )
    return min(wanted, most), most


def _parts(incident: Incident, name: str, kind: Kind) -> list[Part]:
    """What counts for a deployment: lost replicas too, where no survivor is left out."""
    if kind.stand_ins == kind.left:
        return [*incident.survivors.get(name, ()), *incident.lost.get(name, ())]
    return list(incident.survivors.get(name, ()))


def _phases(name: str, incidents: list[list[Part]], times: Times, slo: Slo) -> list[Phase]:
    found = []
    for phase in (BEFORE, DURING, AFTER):
        run = _joined(incidents, times, phase)
        if run is None or run.ttft_s.size < BATCHES:
            continue
        found.append(
            Phase(
                deployment=name,
                phase=PHASES[phase],
                requests=run.ttft_s.size,
                targets=tuple(
                    replace(judge(run, target), breaks_from_s=None) for target in slo.apart
                ),
                goodput=goodput(run, slo.targets),
                goodput_judged=judge_goodput(run, slo),
            )
        )
    return found


def _chosen(part: Part, times: Times, phase: int) -> Any:
    """Requests of a part that count for a phase."""
    warm = part.run.arrival_s >= min(WARM_UP_S, 0.5 * times.fails_s)
    own = times.phase(part.run.arrival_s) == phase
    return warm & (own | part.retried if phase == DURING else own & ~part.retried)


def _joined(incidents: list[list[Part]], times: Times, phase: int) -> Simulated | None:
    """The requests of one phase of all incidents, one incident after the other, as one run."""
    runs: list[Simulated] = []
    gaps = np.zeros((BATCHES, BINS))
    for number, parts in enumerate(incidents):
        for part in parts:
            run = requests_of(part.run, _chosen(part, times, phase))
            arrival_s = run.arrival_s.astype(np.float64) + number * times.end_s
            runs.append(replace(run, arrival_s=arrival_s))
            gaps[number * BATCHES // len(incidents)] += part.run.gaps[phase]
    if not runs:
        return None
    order = np.argsort(np.concatenate([run.arrival_s for run in runs]), kind="stable")
    shape = runs[0].ttft_s.shape
    arrays: dict[str, Any] = {
        field.name: np.concatenate([getattr(run, field.name) for run in runs])[order]
        for field in fields(Simulated)
        if np.shape(getattr(runs[0], field.name)) == shape
    }
    return replace(runs[0], **(arrays | {"gaps": gaps}))


def _of_one_incident(run: Simulated, times: Times) -> Simulated:
    """A joined run with times since the start of each incident."""
    return replace(run, arrival_s=np.mod(run.arrival_s, times.end_s))


def _recoveries(
    name: str, incidents: list[list[Part]], times: Times, slo: Slo
) -> Iterator[Recovery]:
    runs = [_joined(incidents, times, phase) for phase in (DURING, AFTER)]
    spans = ((times.fails_s, times.returns_s), (times.returns_s, times.end_s))
    phases = [
        (_of_one_incident(run, times), start_s, end_s)
        for run, (start_s, end_s) in zip(runs, spans, strict=True)
        if run is not None and run.ttft_s.size
    ]

    def after_s(back: Callable[[Simulated, float, float], float | None]) -> float | None:
        found = (back(run, start_s, end_s) for run, start_s, end_s in phases)
        return next((back_s - times.fails_s for back_s in found if back_s is not None), None)

    for target in slo.apart:
        if target.metric != "itl":
            back = partial(_target_back, target)
            yield Recovery(name, target.name, target.limit_s, after_s(back))
    if slo.goodput is not None:
        yield Recovery(
            name, f"goodput {100 * slo.goodput:g} %", None, after_s(partial(_goodput_back, slo))
        )


def _target_back(target: Target, run: Simulated, start_s: float, end_s: float) -> float | None:
    return back_inside_s(run, target, start_s=start_s, end_s=end_s)


def _goodput_back(slo: Slo, run: Simulated, start_s: float, end_s: float) -> float | None:
    return goodput_back_s(run, slo, start_s=start_s, end_s=end_s)
