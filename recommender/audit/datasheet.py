"""What no plan can beat: the arithmetic and the bandwidth that the datasheet states.

rate * 2 N * (E[c] + E[O]) * (1 + s)  <=  accelerators * peak       every token costs 2 N FLOP
TPOT p99  >=  N * bytes * (1 + s) / (tp * adp * bandwidth * A)      every step reads N weights

Symbol      Meaning                                                         Unit
N           active parameters of a token, the embedding table left out      count
E[c], E[O]  mean prompt without what a prefix cache holds; mean output      tokens
A           tokens that a sequence gains per step                           tokens
s           what steps are slower by: the derating that the spec asks for   1
peak        dense, of the format that the matrix units compute in           FLOP/s
"""

from collections.abc import Iterator

from catalog import Catalog
from recommender.audit.finding import at_least, at_most
from recommender.audit.models import model_of, models_by_id
from recommender.audit.shared import part_of
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec
from recommender.workload import Lengths

PEAKS = {
    "fp32": "fp32_tflops",
    "tf32": "tf32_tflops",
    "bf16": "bf16_tflops",
    "fp16": "fp16_tflops",
    "fp8": "fp8_tflops",
    "int8": "int8_tops",
    "fp4": "fp4_tflops",
    "int4": "int4_tops",
}


def findings(plan: Plan, spec: Spec, catalog: Catalog, lengths: Lengths) -> Iterator[Finding]:
    """Rates need no more arithmetic, tokens no more bandwidth, than there is."""
    models = models_by_id(spec, catalog)
    for d in plan.deployments:
        model = model_of(d, models)
        tables = model.vocab * model.hidden * (1 if model.tied_embeddings else 2)
        active = max(model.active_params_b * 1e9 - tables, 0.0)
        yield from _arithmetic(d, active, spec, catalog, lengths)
        if (lengths.output_tokens > 1).any():
            yield _bandwidth(d, active, spec, catalog)


def _arithmetic(
    d: Deployment, active: float, spec: Spec, catalog: Catalog, lengths: Lengths
) -> Iterator[Finding]:
    support = catalog.support(d.engine, d.accelerator, d.precision)
    teraflops = getattr(catalog.accelerators[d.accelerator], PEAKS[support.compute_format])
    if teraflops is None:
        return
    part = part_of(d, catalog)
    together = d.instances_per_accelerator if part.compute == 1.0 else 1
    most = teraflops * part.compute / together
    found = 0.0 if lengths.cached_tokens is None else float(lengths.cached_tokens.mean())
    tokens = lengths.mean_input - found + lengths.mean_output
    yield at_most(
        f"{d.name}: arithmetic within the datasheet",
        d.max_requests_per_s * 2 * active * tokens * (1 + spec.derate) / 1e12,
        d.dp * d.pp * d.tp * d.adp * most,
        "TFLOP/s",
        f"dense {support.compute_format} peak; 2 x active parameters x tokens",
    )


def _bandwidth(d: Deployment, active: float, spec: Spec, catalog: Catalog) -> Finding:
    bits = catalog.precision(d.precision).weight_bits
    bandwidth = catalog.accelerators[d.accelerator].memory_bandwidth_gb_per_s * 1e9
    bandwidth *= part_of(d, catalog).bandwidth
    step_s = active * bits / 8 / (d.tp * d.adp * bandwidth) * (1 + spec.derate)
    return at_least(
        f"{d.name}: TPOT p99 within the datasheet",
        d.tpot_p99_s,
        step_s / d.step_law.get("tokens_per_step", 1.0),
        "s",
        "every step reads the active weights once",
    )
