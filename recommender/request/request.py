"""The request: a spec resolved against the catalogue. All names looked up, all defaults stated."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalog import Catalog
from catalog.schema import Engine, LanguageModel, Offer
from recommender.errors import SpecError
from recommender.plan import Assumption
from recommender.request.assumptions import assumptions
from recommender.request.chosen_workload import chosen_workload
from recommender.request.formats_tried import kv_precisions_tried, precisions_tried
from recommender.request.model_quality import models_of, qualities_of, quality_assumptions
from recommender.request.offer_choice import choose_offers
from recommender.request.slo_of import check_slo, slo_of
from recommender.request.spec import Spec
from recommender.slo import Slo
from recommender.solvers.registry import check_name
from recommender.workload import Workload


@dataclass(frozen=True, slots=True)
class Request:
    """One service to be served, and everything that bounds the plan.

    Attributes
    ----------
    offers
        Offers that may be bought, after all filters on sellers, terms and accelerators.
    left_out
        Sentences on offers that lack a fact which a limit needs.
    precisions, kv_precisions
        Formats to consider; hardware support and quality decide later, per accelerator.
    model, models
        The first, and all that may serve the requests; formats are those of the first.
    qualities
        Model id -> quality unquantised [points of 100]; empty where nobody asks (model_quality).
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
    left_out: tuple[str, ...] = ()
    models: tuple[LanguageModel, ...] = ()
    qualities: Mapping[str, float] = field(default_factory=dict)

    def of_model(self, model: LanguageModel) -> "Request":
        """The same request for one of its models alone."""
        if model.id == self.model.id:
            return self
        precisions = precisions_tried(self.spec, self.catalog, model)
        return replace(self, model=model, precisions=precisions)

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
    models = models_of(spec, catalog)
    model, qualities = models[0], qualities_of(spec, models)
    engine = catalog.engine(spec.engine)
    _check_speculation(spec, engine, model)
    workload = chosen_workload(spec, catalog)
    precisions = precisions_tried(spec, catalog, model)
    for name in spec.kv_precision:
        catalog.precision(name)
    if spec.solver is not None:
        check_name(spec.solver)
    slo = slo_of(spec)
    check_slo(slo, workload)
    offers, left_out = choose_offers(spec, catalog)
    return Request(
        spec=spec,
        catalog=catalog,
        model=model,
        workload=workload,
        slo=slo,
        engine=engine,
        offers=offers,
        left_out=left_out,
        precisions=precisions,
        kv_precisions=kv_precisions_tried(spec),
        assumptions=(
            *assumptions(spec, catalog, models, workload),
            *quality_assumptions(spec, models, qualities),
        ),
        models=models,
        qualities=qualities,
    )


def _check_speculation(spec: Spec, engine: Engine, model: LanguageModel) -> None:
    """Refuse drafts where engine or model cannot take rejected ones back."""
    if spec.speculative is None:
        return
    if not engine.speculative:
        raise SpecError(f"--speculative: {engine.name} drafts for one sequence at a time only")
    if model.state_layers:
        raise SpecError(
            f"--speculative: {model.id} keeps a recurrent state, which rejected drafts would spoil"
        )
