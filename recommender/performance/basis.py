"""How well a prediction is founded, and the error that goes with it.

own runs     this very deployment was run by the user, near these lengths and loads (`own_reach`)
calibrated   engine, accelerator and model family are all among the fitted runs, and so are the
             collectives that the layout uses; an accelerator whose figures are not those that it
             was fitted with is another one
transferred  one of them is new, but operators of the architecture are measured
             (so is every instance that shares an accelerator)
roofline     nothing measured applies: architecture, or PCIe and network collectives by rule
"""

import numpy as np
import numpy.typing as npt

from catalog.calibration import Basis, Calibration, ErrorLevel, Setting, StepConstants, setting
from catalog.network import network
from catalog.schema import Accelerator, LanguageModel
from catalog.silicon import silicon
from recommender.hardware import Hardware
from recommender.performance.layout_table import Floats, LayoutTable
from recommender.performance.moments import Moments
from recommender.performance.own_reach import is_near, own_errors_of
from recommender.units import BITS_PER_BYTE

LEVELS: tuple[ErrorLevel, ...] = ("calibrated", "transferred", "roofline")
OWN: Basis = "own runs"


def basis_levels(
    *,
    model: LanguageModel,
    hardware: Hardware,
    engine: str,
    constants: StepConstants,
    table: LayoutTable,
    measured_group: int,
    has_run: bool,
) -> npt.NDArray[np.intp]:
    """Index into LEVELS per layout, shape (n,).

    Parameters
    ----------
    measured_group
        Accelerators of the largest group whose all-reduce was measured, 0 where none was.
    has_run
        Whether runs of this very accelerator were fitted.
    """
    accelerator = hardware.accelerator
    fitted = (
        silicon(accelerator) in constants.architectures
        and has_run
        and engine in constants.engines
        and model.family in constants.families
    )
    transferable = silicon(accelerator) in constants.operator_architectures
    level = 0 if fitted else (1 if transferable else 2)
    if hardware.sharing is not None:  # never measured: slices and shares are derived
        level = max(level, 1)
    communicates = table.stage_accelerators > 1
    by_rule = 1 if accelerator.scale_up_domain > 1 and accelerator.link_gb_per_s else 2
    unmeasured = communicates & ((measured_group == 0) | (table.tp > max(measured_group, 1)))
    over_links = np.where(unmeasured, by_rule, 0)
    over_network = np.where(table.stage_accelerators > hardware.domain, 2, 0)
    if measured_group and accelerator.scale_up_domain == 1:
        over_network = np.where(table.stage_accelerators > hardware.node_accelerators, 2, 0)
    return np.maximum(np.maximum(over_links, over_network), level).astype(np.intp)


def errors_of_levels(
    levels: npt.NDArray[np.intp],
    *,
    model: LanguageModel,
    accelerator: Accelerator,
    engine: str,
    table: LayoutTable,
    calibration: Calibration,
) -> Floats:
    """Standard deviation of log(measured / predicted) per layout, shape (n,).

    Of the engine with this model family on this silicon, or of fewer of these where too few rows
    were held out; of known configurations where the very layout is among the fitted runs; of new
    combinations where the family was never run on this accelerator with this engine. A family that
    is hard to predict where it was run is no easier where it was not.
    """
    engines = error_groups(model=model, accelerator=accelerator, engine=engine)
    own = np.array([calibration.log_error(basis=basis, engines=engines) for basis in LEVELS])
    met = calibration.have_met(
        network=network(model), family=model.family, accelerator=accelerator.name, engine=engine
    )
    recombined = calibration.find_error(basis="recombined", engines=engines)
    if recombined is not None and not met:
        own[0] = max(own[0], recombined.log_standard_deviation)
    found = np.maximum.accumulate(own)[levels]
    if calibration.find_error(basis="known", engines=engines) is None:
        return found
    surer = calibration.log_error(basis="known", engines=engines)
    known = _known(table, calibration, network(model), accelerator.name, engine)
    return np.where(known & (levels == LEVELS.index("calibrated")), surer, found)


def with_own_runs(
    levels: npt.NDArray[np.intp],
    spread: Floats,
    *,
    model: LanguageModel,
    hardware: Hardware,
    engine: str,
    table: LayoutTable,
    around: Moments,
    sequences: Floats,
    calibration: Calibration,
) -> tuple[npt.NDArray[np.str_], Floats]:
    """Basis and error of each layout, shape (n,), with those of the user's own runs where they
    speak for a layout: the deployment that was run, within a node and on whole accelerators, near
    the lengths and loads of the runs. `sequences` are as many as it can decode together.
    """
    names, errors = np.array(LEVELS, dtype=np.str_)[levels], spread.copy()
    rows = own_errors_of(
        calibration, model=model, accelerator=hardware.accelerator, engine=engine, kind="tpot"
    )
    if not rows or hardware.sharing is not None:
        return names, errors
    within = table.stage_accelerators * table.pp <= hardware.node_accelerators
    for position, key in enumerate(_settings(table)):
        row = rows.get(key)
        if row is None or not within[position]:
            continue
        if is_near(
            row,
            context_tokens=around.context_tokens,
            prompt_per_output=around.prompt_per_output,
            sequences=float(sequences[position]),
        ).all():
            names[position], errors[position] = OWN, row.log_standard_deviation
    return names, errors


def error_groups(
    *, model: LanguageModel, accelerator: Accelerator, engine: str
) -> tuple[str, str, str]:
    """Groups that errors are kept by, the narrowest first: engine and kind of model with family
    and silicon, with family, and alone.
    """
    widest = f"{engine} {'moe' if model.is_moe else 'dense'}"
    family = f"{widest} {model.family}"
    return f"{family} {silicon(accelerator)}", family, widest


def _known(
    table: LayoutTable, calibration: Calibration, model: str, accelerator: str, engine: str
) -> npt.NDArray[np.bool_]:
    """Which layouts were themselves run, shape (n,)."""
    settings = calibration.configuration_index.get((model, accelerator, engine), frozenset())
    return np.array([own in settings for own in _settings(table)], dtype=np.bool_)


def _settings(table: LayoutTable) -> list[Setting]:
    """Format and degrees of each layout."""
    bits = BITS_PER_BYTE * table.weight_bytes
    rows = zip(bits, table.tp, table.pp, table.adp, table.ep, strict=True)
    return [setting(*row) for row in rows]
