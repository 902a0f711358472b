"""Which errors apply to a row: its basis, and what else is known of it without its value.

known        calibrated, and the configuration itself is among the fitted runs: only lengths or
             load are new
calibrated   as the basis
recombined   calibrated, but this family was never run on this accelerator with this engine: each of
             them is known from runs with others
assumed      transferred, only because layout or lengths are not reported; or covered, where what
             drafts gain is assumed or more are in flight than the usual cache holds
transferred  model family, engine or accelerator is new
roofline     as the basis

Each is measured by rows that were held out in the same way (`fit.error_table`).
"""

from catalog.calibration import Basis, Calibration, ErrorLevel
from catalog.network import network
from recommender.accuracy.question import Question
from recommender.accuracy.regime import is_founded
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.scenario_setting import setting_of

SUREST_FIRST: tuple[ErrorLevel, ...] = (
    "known",
    "calibrated",
    "recombined",
    "assumed",
    "transferred",
    "roofline",
)


def error_level(
    question: Question, basis: Basis, calibration: Calibration, *, waits: bool = False
) -> ErrorLevel:
    """The level of a row on this basis; of what own runs do not speak for, as without them.

    `waits` for room in a cache whose size is a guess.
    """
    if basis == "own runs":
        return "known"
    if basis == "calibrated":
        if waits or question.scenario.options.gain_assumed:
            return "assumed"
        return covered_level(question.scenario, calibration)
    if basis == "transferred" and is_founded(question, calibration):
        return "assumed"
    return basis


def covered_level(scenario: Scenario, calibration: Calibration) -> ErrorLevel:
    """The level of a covered row that leaves nothing to guess."""
    if is_known(scenario, calibration):
        return "known"
    met = calibration.have_met(
        network=network(scenario.model),
        family=scenario.model.family,
        accelerator=scenario.accelerator.name,
        engine=scenario.engine,
    )
    return "calibrated" if met else "recombined"


def is_known(scenario: Scenario, calibration: Calibration) -> bool:
    """Whether the configuration is among the fitted runs."""
    return calibration.is_fitted(
        network=network(scenario.model),
        accelerator=scenario.accelerator.name,
        engine=scenario.engine,
        setting=setting_of(scenario),
    )
