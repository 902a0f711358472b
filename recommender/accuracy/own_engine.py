"""What predictions take from an overlay's row of an engine, and what they assume beside it."""

from collections.abc import Iterator

from catalog.calibration import Calibration
from catalog.silicon import silicon
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.scenario import Scenario

RESERVING_ENGINES = ("trtllm", "tensorrt")
"""TensorRT-LLM: its cache is a share of the free memory, and holds requests at full length."""


def memory_share(scenario: Scenario, *, usual: float) -> float:
    """Share of the memory that the engine claims [1]: the overlay's, else the usual one."""
    own = scenario.own_engine
    return usual if own is None else own.memory_utilisation


def shares_free_memory(scenario: Scenario) -> bool:
    """Whether that share is of what weights leave free."""
    own = scenario.own_engine
    return scenario.engine in RESERVING_ENGINES if own is None else own.utilisation_of == "free"


def assumed_constants(scenario: Scenario, calibration: Calibration) -> Iterator[str]:
    """Whose step times stand for an engine of an overlay that was never calibrated."""
    if scenario.own_engine is None:
        return
    engine, kind = scenario.cell, kind_of(scenario)
    own_runs = (engine, kind, "silicon", silicon(scenario.accelerator))
    fitted = calibration.constants(engine=engine, kind=kind).engine == engine
    if not fitted and own_runs not in calibration.deviation_index:
        yield f"engine {scenario.engine!r} not calibrated: step times of the mean of all engines"
