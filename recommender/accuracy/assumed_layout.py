"""How a measured deployment is cut over its accelerators, where the row does not say.

reported tp          replicas = accelerators / (tp * pp * adp)
llama.cpp            layers split over all accelerators (pp), no tensor parallelism
attention DP noted   the reported tp becomes adp (TensorRT-LLM counts it that way)
dp within tp         SGLang's --tp 8 --dp 8 on 8 accelerators: 8 ranks of attention, tp 1
Neuron               tp = chips; NeuronCores are halves of a chip
copies stated (dp)   of a dense model: tp = accelerators / (pp * dp)
otherwise            the smallest power of two whose memory holds the weights in 60 %, rounded
                     up to a divisor of the accelerators: what submitters choose for throughput; if
                     ranks would share the heads unequally (12), the largest divisor that does not
                     (4), and pipeline stages of the rest (3)
"""

from dataclasses import dataclass, replace

from catalog.schema import Accelerator, LanguageModel
from recommender.accuracy.equal_heads import equal_heads
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.model_names import STAND_IN
from recommender.accuracy.precision_names import Format

STORED_ONLY = "weights_file_size"
WEIGHTS_SHARE = 0.60
BILLION = 1e9


@dataclass(frozen=True, slots=True)
class Cut:
    """Parallelism of one replica, and the number of replicas."""

    accelerators: float
    tp: float
    pp: float
    adp: float
    ep: float
    replicas: float
    assumptions: tuple[str, ...] = ()
    follows: bool = False
    """Whether tp is not reported, yet follows from what is."""


def assumed_cut(
    row: Measurement,
    *,
    model: LanguageModel,
    accelerator: Accelerator,
    engine: str,
    weights: Format,
) -> Cut:
    """The cut that a row reports, or the one assumed for it."""
    cut = _cut(row, model=model, accelerator=accelerator, engine=engine, weights=weights)
    if row.accelerators is not None or row.metric.startswith(STORED_ONLY):
        return cut
    count = f"gpu_count not reported: {cut.accelerators:g}"
    return replace(cut, assumptions=(count, *cut.assumptions))


def _cut(
    row: Measurement,
    *,
    model: LanguageModel,
    accelerator: Accelerator,
    engine: str,
    weights: Format,
) -> Cut:
    """The same, without a word of the number of accelerators."""
    copies = 1.0 if model.is_moe else row.dp or 1.0  # of experts, dp may count ranks of attention
    reported = row.accelerators or (row.tp or 1.0) * (row.pp or 1.0) * copies
    pp = row.pp or 1.0
    if engine == "neuron":
        return _replicas(reported, tp=reported, pp=1.0)
    if row.tp is None and engine == "llama.cpp":
        split = (f"layers split over {reported:g}",) if reported > 1 else ()
        return _replicas(reported, tp=1.0, pp=reported, assumptions=split)
    if row.tp is None and row.dp and not model.is_moe:
        tp = max(reported / (pp * row.dp), 1.0)
        cut = _replicas(reported, tp=tp, pp=pp, assumptions=(f"tp {tp:g} (from dp)",))
        return replace(cut, follows=row.accelerators is not None)
    if row.tp is None:
        tp, stages = _fitting(reported / pp, model, accelerator, weights)
        staged = f" x pp {pp * stages:g}" if stages > 1 else ""
        noted = (f"tp {tp:g}{staged} (not reported)",) if reported > 1 else ()
        return _replicas(reported, tp=tp, pp=pp * stages, assumptions=noted)
    if model.is_moe and "attention dp" in row.notes.casefold():
        return _replicas(reported, tp=1.0, pp=pp, adp=row.tp, ep=row.tp)
    if model.is_moe and max(row.dp or 1, row.ep or 1) > 1:
        return _expert_group(row, reported, row.tp, pp)
    return _replicas(max(reported, row.tp * pp), tp=row.tp, pp=pp)


def impossible_layout(row: Measurement, *, engine: str, experts: bool) -> str:
    """Why the stated degrees do not go with the stated accelerators; blank where they may."""
    if row.accelerators is None or engine == "neuron":  # its tp counts NeuronCores
        return ""
    cut = (row.tp or 1.0) * (row.pp or 1.0)
    degrees = f"tp {row.tp or 1:g} x pp {row.pp or 1:g}"
    if cut > row.accelerators or row.accelerators % cut:
        return f"{degrees} does not divide the {row.accelerators:g} accelerators"
    if row.tp and row.dp and row.dp > 1 and not experts and cut * row.dp != row.accelerators:
        return f"{degrees} x dp {row.dp:g} is not the {row.accelerators:g} accelerators"
    if row.dp and not experts and row.accelerators % (cut * row.dp):
        return f"pp {row.pp or 1:g} x dp {row.dp:g} does not divide the {row.accelerators:g}"
    return ""


def _expert_group(row: Measurement, reported: float, tp: float, pp: float) -> Cut:
    """Experts dealt out, attention in ranks; the expert group spans the whole stage."""
    ranks = row.dp or 1.0
    if ranks > 1 and reported == tp * pp and tp % ranks == 0:
        return _replicas(reported, tp=tp / ranks, pp=pp, adp=ranks, ep=tp)
    if (row.ep or 1) <= 1:
        return _replicas(max(reported, tp * pp * ranks), tp=tp, pp=pp, adp=ranks)
    stage = max(row.ep or 1.0, tp * ranks)
    return _replicas(max(reported, stage * pp), tp=stage / ranks, pp=pp, adp=ranks, ep=stage)


def _replicas(
    accelerators: float,
    *,
    tp: float,
    pp: float,
    adp: float = 1.0,
    ep: float = 1.0,
    assumptions: tuple[str, ...] = (),
) -> Cut:
    replicas = max(accelerators / (tp * pp * adp), 1.0)
    return Cut(accelerators, tp, pp, adp, ep, replicas, assumptions)


def _fitting(
    available: float, model: LanguageModel, accelerator: Accelerator, weights: Format
) -> tuple[float, float]:
    """tp, and pipeline stages where no tp that shares the heads equally holds the weights."""
    tp = _fitting_tp(available, model, accelerator, weights)
    if model.family == STAND_IN or equal_heads(model, int(tp)):
        return tp, 1.0
    most = min(int(available), model.heads)
    divisors = [cut for cut in range(1, most + 1) if available % cut == 0]
    even = max(cut for cut in divisors if equal_heads(model, cut))
    return float(even), available / even


def _fitting_tp(
    available: float, model: LanguageModel, accelerator: Accelerator, weights: Format
) -> float:
    held = model.total_params_b * BILLION * weights.bytes_per_weight
    tp = 1.0
    while tp < available and held > WEIGHTS_SHARE * accelerator.memory_bytes * tp:
        tp *= 2
    while tp < available and available % tp:
        tp *= 2
    return min(tp, available)
