"""What limits on racks, delivery, drives and networks take for granted: printed when set.

Likewise what an hour of own nodes costs, where they are sold by their electricity.
"""

from collections.abc import Iterator

from catalog import Catalog
from catalog.running_cost import PUE_FACT
from recommender.horizon import span_words
from recommender.plan import Assumption
from recommender.request.spec import Spec
from recommender.sizing.network import BYTES_PER_INPUT_TOKEN, BYTES_PER_OUTPUT_TOKEN


def limit_assumptions(spec: Spec) -> Iterator[Assumption]:
    """One line per limit of the spec that rests on more than the catalogue."""
    if spec.survives_rack:
        yield Assumption(
            "racks",
            "hold one instance type each; a group of several nodes stands in as few as hold it "
            "and is lost with any; which nodes share one is not known, so the worst are lost",
            "--survive, --racks; nodes_per_rack in an overlay",
        )
    if spec.horizon is not None:
        yield Assumption(
            f"cost over {span_words(spec.horizon)}",
            "today's prices throughout: no discounting, no price drift, terms renewed alike; own "
            "nodes by the hour with their amortisation, so that their purchase counts once",
            "--horizon",
        )
    if spec.within is not None:
        yield Assumption(
            "delivery",
            "on demand, on spot and of owned nodes at once; of reserved terms unknown",
            "lead_time_days in an overlay",
        )
    if spec.max_load_time is not None:
        yield Assumption(
            "load time",
            "weights of a node read once from its drives, without the start of the engine",
            "local_storage_read_gb_per_s in an overlay",
        )
    if spec.max_network_share is not None:
        yield Assumption(
            "traffic",
            f"{BYTES_PER_INPUT_TOKEN:g} B a prompt token, {BYTES_PER_OUTPUT_TOKEN:g} B a streamed "
            "output token; not measured",
            "--max-network-share",
        )


def running_cost_assumption(spec: Spec, catalog: Catalog) -> Iterator[Assumption]:
    """What the price of own nodes without one is made of."""
    offers = [o for o in catalog.offers.values() if o.terms in (*spec.terms, "owned")]
    paid_by_draw = [o for o in offers if o.electricity_per_kwh is not None]
    if not paid_by_draw:
        return
    pue = ""
    if any(o.pue is None for o in paid_by_draw) and PUE_FACT in catalog.facts:
        usual = catalog.facts[PUE_FACT]
        pue = f", which is {usual.number:g} where none is stated (the world mean, not --pue)"
    yield Assumption(
        "an hour of own nodes",
        "electricity at the usual draw of the chassis (nameplate power where that is unknown) x "
        f"PUE{pue}, and amortisation",
        "pue, electricity_per_kwh, amortisation_per_h in an overlay",
    )
