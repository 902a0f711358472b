"""What runs is what was asked for, on what is sold: names, formats, drafts, instances, targets.

formats     of weights: those of `--precision`, else the checkpoint's own, fp8 or int8
            of the cache: those of `--kv-precision`, else bf16
drafts      k a step: k + 1 tokens verified, A gained (`--speculative k:A`)
instances   `--share`: mig, colocated, both or off
targets     all that the spec states, none looser
"""

from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.finding import RELATIVE_TOLERANCE, equal
from recommender.audit.latency import promised
from recommender.audit.models import model_of, models_by_id
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec

OFTEN_FREE = ("fp8", "int8")
"""Formats that a plan may take without being asked to, where the loss of quality allows it."""


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Names and formats of each deployment; the targets, the share and the time of the plan."""
    if plan.totals is None:
        return
    for d in plan.deployments:
        yield from _deployment(d, spec, catalog)
    yield _is("the models of the plan", plan.model, " + ".join(_models(plan)))
    stated = {target.name: target.limit_s for target in plan.targets}
    for target in promised(spec):  # `--minimize latency` makes the first one tighter
        says, asks = stated.get(target.name, 0.0), target.limit_s
        same = 0.0 < says <= asks * (1.0 + RELATIVE_TOLERANCE)
        yield Finding(f"target {target.name}", says, asks, "s", same)
    yield _is("goodput of the plan", plan.goodput, spec.goodput)
    yield _is("hours of the horizon", plan.totals.horizon_h, spec.horizon)


def _models(plan: Plan) -> dict[str, None]:
    return dict.fromkeys(d.model for d in plan.deployments)


def _is(promise: str, stated: object, asked: object) -> Finding:
    note = "" if stated == asked else f"{stated}, where {asked} is right"
    return equal(promise, 1.0, float(stated == asked), "", note)


def _deployment(d: Deployment, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    offer = catalog.offers[d.offer]
    sold = (offer.provider, offer.accelerator)
    yield _is(f"{d.name}: seller and accelerator", (d.provider, d.accelerator), sold)
    yield _is(f"{d.name}: engine", d.engine, catalog.engine(spec.engine).name)
    model = model_of(d, models_by_id(spec, catalog))
    spread = float(d.ep == 1 or model.is_moe)
    yield equal(f"{d.name}: experts are spread where there are any", 1.0, spread, "")
    named = [catalog.precision(name).name for name in spec.precision]
    formats = named or [model.native_precision, *OFTEN_FREE]
    caches = spec.kv_precision or ("bf16",)
    formatted = float(d.precision in formats and d.kv_precision in caches)
    yield equal(f"{d.name}: formats are among those asked for", 1.0, formatted, "")
    drafts, gained = spec.speculative or (0, 1.0)
    law = (d.step_law.get("verified_tokens", 1.0), d.step_law.get("tokens_per_step", 1.0))
    yield _is(f"{d.name}: tokens verified and gained per step", law, (drafts + 1.0, gained))
    kind = "off" if not d.sharing else "mig" if d.sharing.startswith("mig-") else "colocated"
    allowed = kind in ("off", spec.share) or spec.share == "both"
    yield equal(f"{d.name}: accelerators are shared as asked for", 1.0, float(allowed), "")
    alone = d.instances_per_accelerator == 1
    yield _is(f"{d.name}: instances share where there are several", not alone, bool(d.sharing))
