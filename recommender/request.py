"""The request: a spec resolved against the catalogue. All names looked up, all defaults stated."""

from dataclasses import dataclass

from catalog import Catalog
from catalog.schema import Engine, LanguageModel, Offer
from recommender.errors import MissingData, SpecError
from recommender.plan import Assumption
from recommender.slo import Metric, Slo, Target
from recommender.spec import Spec
from recommender.workload import Lengths, Workload

COMPANION_TPOT_P99_S = 0.050
"""TPOT p99 that goes with `--p99`: 20 tokens/s, faster than people read."""

KV_BY_DEFAULT = ("bf16",)
"""fp8 KV caches lose 1-6 % on published suites, more than the default quality limit."""


@dataclass(frozen=True, slots=True)
class Request:
    """One service to be served, and everything that bounds the plan.

    Attributes
    ----------
    offers
        Offers that may be bought, after all filters on sellers, terms and accelerators.
    precisions, kv_precisions
        Formats to consider; hardware support and quality decide later, per accelerator.
    """

    spec: Spec
    catalog: Catalog
    model: LanguageModel
    workload: Workload
    slo: Slo
    engine: Engine
    offers: tuple[Offer, ...]
    precisions: tuple[str, ...]
    kv_precisions: tuple[str, ...]
    assumptions: tuple[Assumption, ...]

    @property
    def service(self) -> str:
        """Name of the service: the workload's."""
        return self.workload.name

    @property
    def demand_with_headroom(self) -> float:
        """Rate that all nodes together must carry within the SLO, (1 + h) Q [requests/s]."""
        return self.spec.qps * (1 + self.spec.headroom)


def resolve(spec: Spec, catalog: Catalog) -> Request:
    """Look every name of the spec up; raise SpecError, CatalogError or MissingData."""
    model = catalog.model(spec.model)
    engine = catalog.engine(spec.engine)
    workload = _workload(spec, catalog)
    precisions = _precisions(spec, catalog, model)
    for name in spec.kv_precision:
        catalog.precision(name)
    return Request(
        spec=spec,
        catalog=catalog,
        model=model,
        workload=workload,
        slo=_slo(spec),
        engine=engine,
        offers=_offers(spec, catalog),
        precisions=precisions,
        kv_precisions=spec.kv_precision or KV_BY_DEFAULT,
        assumptions=_assumptions(spec, catalog, model, workload, precisions),
    )


def _slo(spec: Spec) -> Slo:
    limits: dict[Metric, float | None] = {
        "ttft": spec.p99 if spec.p99 is not None else spec.ttft_p99,
        "tpot": spec.tpot_p99,
        "itl": spec.itl_p99,
        "e2e": spec.e2e_p99,
    }
    if spec.p99 is not None and spec.tpot_p99 is None:
        limits["tpot"] = COMPANION_TPOT_P99_S
    return Slo(tuple(Target(m, s) for m, s in limits.items() if s is not None))


def _workload(spec: Spec, catalog: Catalog) -> Workload:
    preset = catalog.workload(spec.workload)
    if spec.trace is not None:
        raise SpecError("--trace is read by `recommend workload`; pass the file it writes")
    lengths = Lengths(*catalog.lengths(preset.name))
    return Workload(
        name=preset.name,
        requests_per_s=spec.qps,
        lengths=lengths.rescaled(mean_input=spec.isl, mean_output=spec.osl),
        burstiness=spec.burstiness or preset.burstiness,
        source=preset.source,
    )


def _precisions(spec: Spec, catalog: Catalog, model: LanguageModel) -> tuple[str, ...]:
    if spec.precision:
        return tuple(catalog.precision(name).name for name in spec.precision)
    return tuple(dict.fromkeys((model.native_precision, "fp8", "int8")))


def _offers(spec: Spec, catalog: Catalog) -> tuple[Offer, ...]:
    wanted = _accelerators(spec, catalog)
    _check_names("provider", spec.provider, {o.provider for o in catalog.offers.values()})
    _check_names("region", spec.region, {o.region for o in catalog.offers.values()})
    _check_names("terms", spec.terms, {o.terms for o in catalog.offers.values()})
    chosen = [
        offer
        for offer in catalog.offers.values()
        if offer.terms in spec.terms
        and (offer.accelerator in wanted)
        and (not spec.provider or offer.provider in spec.provider)
        and (not spec.region or offer.region in spec.region)
        and (spec.offers == "all" or offer.default or offer.terms != "on_demand")
        and offer.node_accelerators >= 1
        and (offer.stock is None or offer.stock > 0)
    ]
    if not chosen:
        raise MissingData(
            "no offer in the catalogue matches the chosen gpu, provider, region and terms; "
            "see `recommend catalog list`, or widen with --offers all"
        )
    return tuple(chosen)


def _accelerators(spec: Spec, catalog: Catalog) -> frozenset[str]:
    kept = {
        name for g in spec.gpu if not g.startswith("!") for name in catalog.accelerator_names(g)
    }
    dropped = {
        name for g in spec.gpu if g.startswith("!") for name in catalog.accelerator_names(g[1:])
    }
    if not any(not g.startswith("!") for g in spec.gpu):
        kept = set(catalog.accelerators)
    if spec.min_bandwidth is not None:
        kept = {
            name
            for name in kept
            if catalog.accelerators[name].memory_bandwidth_gb_per_s * 1e9 >= spec.min_bandwidth
        }
    return frozenset(kept - dropped)


def _check_names(what: str, given: tuple[str, ...], known: set[str]) -> None:
    from difflib import get_close_matches

    for name in given:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = (
                f"; did you mean {close[0]}?"
                if close
                else f"; known are {', '.join(sorted(known))}"
            )
            raise SpecError(f"unknown {what} {name!r}{hint}")


def _assumptions(
    spec: Spec,
    catalog: Catalog,
    model: LanguageModel,
    workload: Workload,
    precisions: tuple[str, ...],
) -> tuple[Assumption, ...]:
    lengths = workload.lengths
    engine = catalog.engine(spec.engine)
    lines = [
        Assumption("model", f"{spec.model} is {model.id}", "--model", model.source),
        Assumption(
            "token lengths",
            f"{workload.name}: mean {lengths.mean_input:,.0f} in, {lengths.mean_output:,.0f} out",
            "--workload, --isl, --osl",
            workload.source,
        ),
        Assumption("arrivals", f"cv {workload.burstiness:g} in the peak window", "--burstiness"),
        Assumption("engine", f"{engine.name} {engine.version}", "--engine", engine.source),
        Assumption("confidence", f"{spec.confidence:.0%}", "--confidence"),
        Assumption("headroom", f"{spec.headroom:.0%}", "--headroom"),
        Assumption("redundancy", spec.redundancy, "--redundancy"),
        Assumption("precisions", ", ".join(precisions), "--precision"),
        Assumption("KV cache", ", ".join(spec.kv_precision or KV_BY_DEFAULT), "--kv-precision"),
        Assumption("offers", f"{spec.offers}, {', '.join(spec.terms)}", "--offers, --terms"),
    ]
    if spec.p99 is not None:
        meaning = (
            f"time to first token <= {spec.p99 * 1e3:g} ms at the server (frontend+queue+prefill)"
        )
        lines.insert(0, Assumption("--p99", meaning, "--ttft-p99, --e2e-p99"))
        if spec.tpot_p99 is None:
            lines.insert(1, Assumption("TPOT p99", "<= 50 ms, goes with --p99", "--tpot-p99"))
    return tuple(lines)
