"""Limits of a spec that no plan could meet together: said before anything is computed.

utilisation    rate / capacity <= 1 / (1 + h), since capacity >= (1 + h) rate
share          the shares of m sellers add up to 1, so the largest is at least 1 / m
survival       with one zone, region, seller or accelerator type nothing is left after its loss
nodes          m sellers or zones take m nodes, the loss of a place two
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.request.spec import Spec


def contradictions(spec: "Spec") -> Iterator[str]:
    """One sentence per contradiction, naming both limits."""
    yield from _counts(spec)
    yield from _nodes(spec)
    if spec.share != "off" and spec.disaggregate != "never":
        yield (
            f"--share {spec.share} with --disaggregate {spec.disaggregate}: pools of prompts and "
            "of tokens take whole accelerators"
        )
    yield from _single(spec)
    yield from _models(spec)
    if spec.basis == "measured" and spec.speculative is not None:
        yield "--basis measured has no drafts in its tables: leave out --speculative"
    yield from _day(spec)
    yield from _over_trace(spec)
    most = 1 / (1 + spec.headroom)
    if spec.min_utilisation is not None and spec.min_utilisation > most * (1 + 1e-12):
        yield (
            f"--min-utilisation {spec.min_utilisation:.0%} contradicts --headroom "
            f"{spec.headroom:.0%}: with that headroom at most {most:.1%} is used"
        )
    if spec.max_types == 1 and "accelerator" in spec.survive:
        yield "--survive accelerator needs two accelerator types, and --max-types is 1"
    if spec.survives_rack and spec.racks is not None and spec.racks[0] < 2:
        yield "--survive rack needs two racks, and --racks has one"
    if spec.zones is not None and spec.min_zones is not None and len(spec.region) == 1:
        sellers = len(spec.provider)
        if sellers == 1 and spec.min_zones > spec.zones:
            yield f"--min-zones {spec.min_zones} in one region that has --zones {spec.zones}"


def _counts(spec: "Spec") -> Iterator[str]:
    """Fewer sellers or regions allowed than needed."""
    sellers = len(set(spec.provider))
    if sellers and spec.min_providers is not None and spec.min_providers > sellers:
        yield f"--min-providers {spec.min_providers} with --provider naming {sellers}"
    share = spec.max_provider_share
    if sellers and share is not None and share * sellers < 1:
        yield (
            f"--max-provider-share {share:.0%} with --provider naming {sellers}: "
            f"one of them carries at least {1 / sellers:.0%}"
        )
    if sellers == 1 and "provider" in spec.survive:
        yield f"--survive provider with the only provider {spec.provider[0]}: nothing would be left"
    if len(set(spec.region)) == 1:
        if "region" in spec.survive:
            yield f"--survive region with the only region {spec.region[0]}: nothing would be left"
        if "zone" in spec.survived and spec.zones == 1 and sellers == 1:
            yield "surviving the loss of a zone needs two: --zones 2 or more"


def _nodes(spec: "Spec") -> Iterator[str]:
    """Fewer nodes allowed than places to stand in."""
    most = spec.max_nodes
    if most is None:
        return
    for flag, least in (
        ("--min-providers", spec.min_providers),
        ("--min-zones", spec.min_zones),
        *((f"--survive {name}: two of each, so", 2) for name in (*spec.survived, *spec.survive)),
    ):
        if least is not None and least > most:
            yield f"{flag} {least} nodes at least, and --max-nodes is {most}"
            return


def _single(spec: "Spec") -> Iterator[str]:
    """One kind of node from one seller in one place, and limits that need several."""
    if not spec.single:
        return
    needing = [f"--survive {name}" for name in spec.survived]
    if spec.min_providers is not None and spec.min_providers > 1:
        needing.append("--min-providers")
    if spec.min_zones is not None and spec.min_zones > 1:
        needing.append("--min-zones")
    if spec.max_provider_share is not None and spec.max_provider_share < 1:
        needing.append("--max-provider-share")
    if needing:
        yield f"--single buys one kind of node in one place, and {needing[0]} needs several"


def _models(spec: "Spec") -> Iterator[str]:
    """What a choice of models, or quality as an objective, does not go with."""
    names = ",".join(choice.name for choice in spec.models)
    goals: list[str] = [goal.objective for goal in spec.goals]
    if len(spec.models) > 1:
        if spec.disaggregate != "never":
            yield f"--disaggregate {spec.disaggregate} is for one model, and --model names {names}"
        if spec.speculative is not None:
            yield f"--speculative: tokens accepted are those of one model, --model names {names}"
    elif spec.mix_models:
        yield f"--mix-models needs several models, and --model names only {names}"
    if spec.mix_models and spec.single:
        yield "--single is one deployment, so of one model; leave it or --mix-models out"
    if "quality" in goals:
        yield from _quality(spec, goals)


def _quality(spec: "Spec", goals: list[str]) -> Iterator[str]:
    """What quality as an objective does not go with."""
    if spec.mix_models:
        yield (
            "--minimize quality is that of the worst deployment, which --mix-models never raises; "
            "limit the mean by --min-quality instead"
        )
    if spec.disaggregate != "never":
        yield "--minimize quality is for replicas that do both; leave --disaggregate out"
    if spec.periods:
        yield "--minimize quality is for one rate; with --profile, state --min-quality instead"
    if "latency" in goals:
        yield "--minimize takes latency or quality, not both: limit one of them instead"


def _over_trace(spec: "Spec") -> Iterator[str]:
    """What percentiles over a whole trace do not go with."""
    if spec.slo_over != "trace":
        return
    if spec.trace is None:
        yield "--slo-over trace counts percentiles over the requests of --trace, which is not given"
    if spec.periods:
        yield "--slo-over trace with --profile: percentiles are over the peak of each period"
    if spec.disaggregate != "never":
        yield (
            f"--slo-over trace with --disaggregate {spec.disaggregate}: pools are sized for the "
            "peak rate; leave --slo-over out"
        )


def _day(spec: "Spec") -> Iterator[str]:
    """What does not go with periods of the day."""
    minutes = (spec.start_up or 0.0) / 60
    if spec.start_up and not spec.periods:
        yield "--start-up is the time before a period of --profile, which is not given"
    if spec.periods:
        if spec.single:
            yield "--single buys one kind of node for one rate; leave it or --profile out"
        if any(goal.objective == "latency" for goal in spec.goals):
            yield "--minimize latency is for one rate; with --profile, tighten --p99 instead"
        if spec.start_up and spec.racks is not None:
            yield "--start-up and --racks: racks during a change of fleet are not modelled"
        given_up = next((goal for goal in spec.goals if goal.tolerance), None)
        if given_up is not None and len(spec.models) > 1 and not spec.mix_models:
            yield (
                f"--minimize {spec.minimize} with --profile and several models: each is decided "
                f"alone, and the share of {given_up} is of the best of all; name one model"
            )
        if abs(minutes - round(minutes)) > 1e-9:
            yield f"--start-up {spec.start_up:g}s must be whole minutes, such as 10min"
        shortest = min(period.minutes for period in spec.periods)
        if minutes > shortest:
            yield (
                f"--start-up {minutes:g}min is longer than the shortest period of --profile, "
                f"{shortest} min"
            )
