"""The 90 % interval of a prediction: quantiles of errors on rows that no fit had seen.

log(measured / predicted) between its 5th and 95th percentile, of the same kind of quantity,
basis, engine, model family and silicon; of fewer of these where too few rows share them all
"""

from catalog.calibration import Basis, Calibration
from catalog.silicon import silicon
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.question import Question

_KINDS = {
    "weights": "weights", "file_size": "weights", "kv_memory": "kv", "kv_tokens": "kv",
    "kv_blocks": "kv", "kv_half": "kv", "activations": "activations",
    "non_torch": "activations", "memory_used": "memory_used",
    "energy": "energy",
}  # fmt: skip
_PROMPT = ("ttft", "prefill")
WIDEST = 1.4
"""Half-width of log(measured / predicted) where nothing is known: a factor of 4 each way."""


def error_kind(question: Question) -> str:
    """Kind of quantity that errors are kept by."""
    name = question.quantity.name
    if name in _KINDS:
        return _KINDS[name]
    if name in _PROMPT:
        return "prefill" if question.load.kind == "static" else "ttft"
    if question.row.kind == "e2e":
        return "tpot"
    return question.row.kind


def error_engines(question: Question) -> tuple[str, str, str]:
    """Groups that errors are kept by, the narrowest first: engine and kind of model with family
    and silicon, with family, and alone.
    """
    scenario = question.scenario
    engine = f"{scenario.engine} {kind_of(scenario)}"
    family = f"{engine} {scenario.model.family}"
    return f"{family} {silicon(scenario.accelerator)}", family, engine


def interval(question: Question, basis: Basis, calibration: Calibration) -> tuple[float, float]:
    """5th and 95th percentile of log(measured / predicted)."""
    row = calibration.find_error(
        basis=basis, kind=error_kind(question), engines=error_engines(question)
    )
    if row is None or row.low is None or row.high is None:
        return -WIDEST, WIDEST
    return row.low, row.high
