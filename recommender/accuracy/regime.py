"""How well a row is founded, from what the calibration was fitted on.

own runs     the very deployment is among the user's own, near its lengths and load, with enough
             different runs for an interval of its own
calibrated   accelerator, engine and model family are among the fitted runs, and the row reports
             layout and lengths ("covered")
transferred  one of them is new or not reported; the architecture was fitted
roofline     nothing like the accelerator was fitted, or the model is a stand-in
"""

from catalog.calibration import Basis, Calibration
from catalog.silicon import silicon
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.own_error import own_error_of
from recommender.accuracy.question import Question

_LENGTHLESS = (
    "weights kv_memory kv_tokens kv_blocks kv_half activations non_torch memory_used file_size"
    " decode_rate prefill_rate prefill decode decode_empty context_slope"
)
LENGTHLESS = frozenset(_LENGTHLESS.split(" "))
"""Quantities that do not depend on lengths the row leaves open."""
REGIMES = {
    "own runs": "own runs", "calibrated": "covered", "transferred": "transfer",
    "roofline": "roofline only",
}  # fmt: skip


def basis_of(question: Question, calibration: Calibration) -> Basis:
    """The basis of a prediction."""
    if own_error_of(question, calibration) is not None:
        return "own runs"
    scenario = question.scenario
    fitted = calibration.architecture(silicon(scenario.accelerator)) is not None
    if scenario.guessed_model or not fitted:
        return "roofline"
    covered = is_reported(question) and is_founded(question, calibration)
    return "calibrated" if covered else "transferred"


def is_reported(question: Question) -> bool:
    """Whether the row states its layout, and its lengths where they matter."""
    scenario = question.scenario
    return scenario.layout_reported and (
        scenario.lengths_reported or question.quantity.name in LENGTHLESS
    )


def is_founded(question: Question, calibration: Calibration) -> bool:
    """Whether engine, model family and this very accelerator are among the fitted runs."""
    scenario = question.scenario
    constants = calibration.constants(engine=scenario.cell, kind=kind_of(scenario))
    return (
        constants.engine == scenario.cell
        and scenario.model.family in constants.families
        and calibration.has_run_on(scenario.accelerator)
    )
