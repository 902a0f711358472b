"""How well a prediction is founded, and the error that goes with it.

calibrated   engine, accelerator architecture and model family are all among the fitted runs,
             and so are the collectives that the layout uses
transferred  one of them is new, but operators of the architecture are measured
             (so is every instance that shares an accelerator)
roofline     nothing measured applies: architecture, or PCIe and network collectives by rule
"""

import numpy as np
import numpy.typing as npt

from catalog.calibration import Basis, Calibration, Kind, StepConstants
from catalog.schema import LanguageModel
from catalog.silicon import silicon
from recommender.hardware import Hardware
from recommender.performance.layout_table import Floats, LayoutTable

LEVELS: tuple[Basis, ...] = ("calibrated", "transferred", "roofline")


def basis_levels(
    *,
    model: LanguageModel,
    hardware: Hardware,
    engine: str,
    constants: StepConstants,
    table: LayoutTable,
    links_measured: bool,
) -> npt.NDArray[np.intp]:
    """Index into LEVELS per layout, shape (n,)."""
    accelerator = hardware.accelerator
    fitted = (
        silicon(accelerator) in constants.architectures
        and engine in constants.engines
        and model.family in constants.families
    )
    transferable = silicon(accelerator) in constants.operator_architectures
    level = 0 if fitted else (1 if transferable else 2)
    if hardware.sharing is not None:  # never measured: slices and shares are derived
        level = max(level, 1)
    communicates = table.stage_accelerators > 1
    by_rule = 1 if accelerator.scale_up_domain > 1 and accelerator.link_gb_per_s else 2
    over_links = np.where(communicates & (not links_measured), by_rule, 0)
    over_network = np.where(table.stage_accelerators > hardware.domain, 2, 0)
    if links_measured and accelerator.scale_up_domain == 1:
        over_network = np.where(table.stage_accelerators > hardware.node_accelerators, 2, 0)
    return np.maximum(np.maximum(over_links, over_network), level).astype(np.intp)


def errors_of_levels(
    levels: npt.NDArray[np.intp], *, calibration: Calibration, engine: str, kind: Kind
) -> Floats:
    """Standard deviation of log(measured / predicted) per layout, shape (n,).

    That of the engine and kind of model where enough rows were held out, else of all engines.
    """
    spread = [calibration.log_error(basis=basis, engine=f"{engine} {kind}") for basis in LEVELS]
    return np.array(spread)[levels]
