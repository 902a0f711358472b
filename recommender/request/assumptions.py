"""What a request takes for granted where the spec says nothing, and what its words are read as."""

from collections.abc import Iterator, Sequence

from catalog import Catalog
from catalog.assumed_size import assumed_size
from catalog.schema import LanguageModel
from recommender.plan import Assumption
from recommender.request.formats_tried import kv_precisions_tried, precisions_tried
from recommender.request.limit_assumptions import limit_assumptions, running_cost_assumption
from recommender.request.own_constants import own_constants
from recommender.request.slo_of import takes_companion
from recommender.request.spec import Spec
from recommender.workload import Workload

PERIODS = "has the token lengths and burstiness of the peak"
BURSTY_PERIODS = (
    f"{PERIODS}; replicas carry less of their rate in quiet ones, where each gets more of a burst"
)


def assumptions(
    spec: Spec,
    catalog: Catalog,
    models: Sequence[LanguageModel],
    workload: Workload,
) -> tuple[Assumption, ...]:
    """What is taken for granted, one line each, with the flag that changes it."""
    return (
        *_p99(spec),
        *_served(spec, catalog, models, workload),
        Assumption("confidence", f"{spec.confidence:.0%}", "--confidence"),
        Assumption("headroom", f"{spec.headroom:.0%}", "--headroom"),
        Assumption("redundancy", spec.redundancy, "--redundancy"),
        *limit_assumptions(spec),
        *running_cost_assumption(spec, catalog),
        *_formats(spec, catalog, models),
        *_bought(spec),
    )


def _p99(spec: Spec) -> Iterator[Assumption]:
    """What `--p99` is a limit of."""
    if spec.p99 is None:
        return
    limit = f"time to first token <= {spec.p99 * 1e3:g} ms at the server (frontend+queue+prefill)"
    yield Assumption("--p99", limit, "--ttft-p99, --e2e-p99")
    if takes_companion(spec):
        yield Assumption("TPOT p99", "<= 50 ms, goes with --p99", "--tpot-p99")


def _served(
    spec: Spec, catalog: Catalog, models: Sequence[LanguageModel], workload: Workload
) -> Iterator[Assumption]:
    """Which model serves which requests, on which engine, and how fast that is taken to be."""
    lengths, engine = workload.lengths, catalog.engine(spec.engine)
    for choice, model in zip(spec.models, models, strict=True):
        assumed = assumed_size(model)
        meant = f": {assumed}" if assumed else f" is {model.id}"
        yield Assumption("model", f"{choice.name}{meant}", "--model", model.source)
    means = f"mean {lengths.mean_input:,.0f} in, {lengths.mean_output:,.0f} out"
    flags = "--workload, --isl, --osl"
    yield Assumption("token lengths", f"{workload.name}: {means}", flags, workload.source)
    yield from _not_used(spec)
    yield from _mean_rate(spec, workload)
    yield from _prefix_cache(spec, workload)
    yield from _speculation(spec)
    yield from _basis(spec)
    yield from own_constants(spec, models, engine=engine.name)
    yield from _counted_over(spec, workload)
    yield Assumption("arrivals", _arrivals(workload), "--burstiness")
    yield Assumption("engine", f"{engine.name} {engine.version}", "--engine", engine.source)


def _arrivals(workload: Workload) -> str:
    trace, drawn = workload.drawn_from, ""
    if trace is not None:
        busier = f"cv {trace.burstiness:.3g} at {trace.requests_per_s:.3g} requests/s"
        drawn = f" (a random part of a trace with {busier})"
    return f"cv {workload.burstiness:.3g} in the peak window{drawn}, spread at random over replicas"


def _formats(spec: Spec, catalog: Catalog, models: Sequence[LanguageModel]) -> Iterator[Assumption]:
    """Formats that are tried, and what they may lose; smaller ones lose more."""
    tried = (precisions_tried(spec, catalog, model) for model in models)
    precisions = dict.fromkeys(name for names in tried for name in names)
    others = [name for name in ("int4", "fp4") if name not in precisions and not spec.precision]
    untried = f"; {' and '.join(others)} only where named" if others else ""
    yield Assumption("precisions", ", ".join(precisions) + untried, "--precision")
    most = f"at most {100 * spec.max_quality_loss:g} % by the precision of weights"
    yield Assumption("quality loss", most, "--max-quality-loss")
    yield Assumption("KV cache", ", ".join(kv_precisions_tried(spec)), "--kv-precision")


def _bought(spec: Spec) -> Iterator[Assumption]:
    """What may be bought, and whose prices these are."""
    yield Assumption("offers", f"{spec.offers}, {', '.join(spec.terms)}", "--offers, --terms")
    text = (
        "of the shipped catalogue as others recorded them, no quotes and no discounts for volume; "
        "each has its source"
    )
    yield Assumption("prices", text, "--catalog")


def _prefix_cache(spec: Spec, workload: Workload) -> tuple[Assumption, ...]:
    """What is taken to be found in the prefix cache, as far as anything is."""
    ideal, computed = workload.ideal_hits, workload.lengths.mean_computed
    if spec.prefix_hit:
        spread = "of every prompt" if ideal is None else "spread as the hits of the trace"
        text = (
            f"{spec.prefix_hit:.0%} of prompt tokens found, {spread}: attended and stored, not"
            f" computed; mean {computed:,.0f} computed"
        )
    elif ideal:
        text = f"no hits counted; an unbounded cache would find {ideal:.0%} of prompt tokens"
    else:
        return ()
    return (Assumption("prefix cache", text, "--prefix-hit", workload.source if ideal else ""),)


def _speculation(spec: Spec) -> tuple[Assumption, ...]:
    if spec.speculative is None:
        return ()
    drafts, accepted = spec.speculative
    text = (
        f"{drafts} drafts a step by one more layer and the output head; {accepted:g} tokens gained"
        " in the mean, every draft accepted with the same probability, independently"
    )
    return (Assumption("speculative decoding", text, "--speculative"),)


def _basis(spec: Spec) -> tuple[Assumption, ...]:
    if spec.basis == "calibrated":
        return ()
    text = "measured operators where they cover a deployment, else the calibrated roofline"
    source = "aiconfigurator-core 0.12.0 (Apache-2.0)"
    return (Assumption("step times", text, "--basis", source),)


def _not_used(spec: Spec) -> tuple[Assumption, ...]:
    """A preset beside a trace, as a spec file may hold one that a flag overrides."""
    preset = spec.workload
    if spec.trace is None or preset == type(spec).model_fields["workload"].default:
        return ()
    text = f"{preset} is not used: token lengths and burstiness are those of --trace {spec.trace}"
    return (Assumption("--workload", text, "--trace"),)


def _mean_rate(spec: Spec, workload: Workload) -> tuple[Assumption, ...]:
    """What the price per million tokens at the mean rate rests on."""
    if workload.peak_to_mean is None:
        return ()
    mean = f"--qps is the peak; the mean is 1/{workload.peak_to_mean:.4g} of it"
    if not spec.periods:
        return (Assumption("mean rate", mean, "--workload", workload.source),)
    calm = workload.least_requests_per_s is None
    return (
        Assumption("mean rate", mean, "--profile"),
        Assumption("each period", PERIODS if calm else BURSTY_PERIODS, "--profile"),
        _start_up(spec),
    )


def _counted_over(spec: Spec, workload: Workload) -> tuple[Assumption, ...]:
    """What the percentiles of a plan for a trace are over."""
    if spec.trace is None:
        return ()
    rates = workload.rate_profile
    if rates is None:
        text = "over requests at the peak rate; over a whole trace they are no slower"
    else:
        text = (
            f"over all requests of the trace, {rates.relative.size:,} minutes at {rates.mean:.0%} "
            "of the peak on average: slower in the peak"
        )
    return (Assumption("percentiles", text, "--slo-over"),)


def _start_up(spec: Spec) -> Assumption:
    what = (
        f"nodes run {spec.start_up / 60:g} min before their period, and are paid for it; mean "
        "power, energy and carbon of the day leave that time out"
        if spec.start_up
        else "nodes are up when their period begins; the time before is not paid, nor in mean "
        "power, energy and carbon"
    )
    return Assumption("switching", what, "--start-up")
