"""Calibration: constants of the step-time model and measured collectives, as data.

Tables in `data/calibration/`, each row with its source, date and fit error:

step_constants.csv  shares of the peaks that kernels reach and overheads, by engine and kind of
                    model (`dense`, `moe`); engine `*` stands for those without a row
architectures.csv   how far a kind of silicon (`catalog.silicon`) deviates from those shares
deviations.csv      how far an engine deviates from both on a kind of silicon, on an accelerator, of
                    a model family, of a family on silicon, and in a month of its version
collectives.csv     latency and bandwidth of a collective by accelerator and group size
first_token.csv     learned residual of first tokens in closed loops (not used by plans)
errors.csv          spread of log(measured / predicted) by basis and kind of quantity
spread.csv          how that spread grows with load, lengths and layout
configurations.csv  deployments among the fitted runs
fitted_accelerators.csv  accelerators among them, with the figures they were fitted with
own_errors.csv      errors of the user's own deployments, from own runs (never shipped)
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from catalog.calibration_factors import Factors, scopes
from catalog.calibration_rows import (
    ANY_ENGINE,
    ArchitectureFactor,
    Basis,
    CalibrationRow,
    Collective,
    Deviation,
    FirstToken,
    Kind,
    Scope,
    StepConstants,
)
from catalog.error_rows import (
    BasisError,
    ErrorLevel,
    FittedAccelerator,
    FittedConfiguration,
    OwnError,
    SpreadSlope,
)
from catalog.fitted_figures import has_figures_of
from catalog.schema import Accelerator
from catalog.silicon import lineage, silicon

FOLDER = Path(__file__).parent / "data" / "calibration"
NEEDED_BASES: tuple[ErrorLevel, ...] = ("calibrated", "transferred", "roofline")
"""Whose errors plans make margins of."""
__all__ = [
    "ANY_ENGINE", "ArchitectureFactor", "Basis", "BasisError", "CalibrationRow", "Collective",
    "Deviation", "ErrorLevel", "Factors", "FirstToken", "FittedAccelerator", "FittedConfiguration",
    "Kind", "OwnError", "Scope", "SpreadSlope", "StepConstants", "scopes",
]  # fmt: skip


Setting = tuple[float, float, float, float, float]


def setting(weight_bits: float, tp: float, pp: float, adp: float, ep: float) -> Setting:
    """Format and degrees of a deployment, bits to a quarter: formats differ in their scales."""
    return (round(4 * weight_bits) / 4, float(tp), float(pp), float(adp), float(ep))


@dataclass(frozen=True, slots=True)
class Calibration:
    """All calibration facts."""

    step_constants: tuple[StepConstants, ...]
    architectures: tuple[ArchitectureFactor, ...]
    collectives: tuple[Collective, ...]
    errors: tuple[BasisError, ...]
    deviations: tuple[Deviation, ...] = ()
    first_token: tuple[FirstToken, ...] = ()
    spread: tuple[SpreadSlope, ...] = ()
    configurations: tuple[FittedConfiguration, ...] = ()
    accelerators: tuple[FittedAccelerator, ...] = ()
    own_errors: tuple[OwnError, ...] = ()
    error_index: dict[tuple[ErrorLevel, str], dict[str, BasisError]] = field(
        init=False, repr=False, compare=False
    )
    """Errors by level and kind of quantity, then by engine."""
    configuration_index: dict[tuple[str, str, str], frozenset[Setting]] = field(
        init=False, repr=False, compare=False
    )
    """Settings of the fitted runs by network, accelerator and engine."""
    met_index: frozenset[tuple[str, str, str]] = field(init=False, repr=False, compare=False)
    """Families, accelerators and engines that were run together."""
    deviation_index: dict[tuple[str, Kind, Scope, str], Deviation] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Index errors, configurations and deviations, for one look-up per predicted row."""
        deviations = {(row.engine, row.kind, row.scope, row.name): row for row in self.deviations}
        object.__setattr__(self, "deviation_index", deviations)
        index: dict[tuple[ErrorLevel, str], dict[str, BasisError]] = {}
        for row in self.errors:
            index.setdefault((row.basis, row.kind), {})[row.engine] = row
        object.__setattr__(self, "error_index", index)
        settings: dict[tuple[str, str, str], set[Setting]] = {}
        for run in self.configurations:
            key = (run.network, run.accelerator, run.engine)
            own = setting(run.weight_bits, run.tp, run.pp, run.adp, run.ep)
            settings.setdefault(key, set()).add(own)
        frozen = {key: frozenset(found) for key, found in settings.items()}
        object.__setattr__(self, "configuration_index", frozen)
        met = frozenset((run.family, run.accelerator, run.engine) for run in self.configurations)
        object.__setattr__(self, "met_index", met)

    def constants(self, *, engine: str, kind: Kind) -> StepConstants:
        """The constants of an engine, or those of the mean engine.

        Raises
        ------
        KeyError
            No row for the kind of model.
        """
        rows = {row.engine: row for row in self.step_constants if row.kind == kind}
        return rows[engine] if engine in rows else rows[ANY_ENGINE]

    def all_reduce(self, *, accelerator: str) -> tuple[Collective, ...]:
        """Measured all-reduces of an accelerator by group size; empty when there are none."""
        rows = (row for row in self.collectives if accelerator in row.accelerators)
        return tuple(sorted(rows, key=lambda row: row.count))

    def largest_all_reduce(self, *, accelerator: str) -> int:
        """Accelerators of the largest group whose all-reduce was measured, 0 without any."""
        return max((row.count for row in self.all_reduce(accelerator=accelerator)), default=0)

    def architecture(self, name: str) -> ArchitectureFactor | None:
        """The fitted deviation of a kind of silicon; None when it was not fitted."""
        return next((row for row in self.architectures if row.architecture == name), None)

    def factors(
        self,
        *,
        engine: str,
        kind: Kind,
        accelerator: Accelerator,
        family: str,
        version: str | None = None,
    ) -> Factors:
        """What an engine reaches on an accelerator with a model family, beside its constants.

        A kind of silicon that was not fitted takes the factors of its nearest fitted relative.
        `version` is the month of the engine's version; without one, that of the mean month.
        """
        relatives = (self.architecture(name) for name in reversed(lineage(silicon(accelerator))))
        found = Factors().times(next((row for row in relatives if row is not None), None))
        for scope, name in scopes(accelerator, family, version).items():
            found = found.times(self.deviation_index.get((engine, kind, scope, name)))
        return found

    def is_fitted(self, *, network: str, accelerator: str, engine: str, setting: Setting) -> bool:
        """Whether this very deployment is among the fitted runs."""
        return setting in self.configuration_index.get((network, accelerator, engine), ())

    def have_met(self, *, network: str, family: str, accelerator: str, engine: str) -> bool:
        """Whether this network, or another of its family, was run on this accelerator with this
        engine.
        """
        of_family = (family, accelerator, engine) in self.met_index
        return of_family or (network, accelerator, engine) in self.configuration_index

    def has_run_on(self, accelerator: Accelerator) -> bool:
        """Whether runs of this very accelerator, with these figures, are among the fitted ones.

        Folders written before `fitted_accelerators.csv` existed cannot tell: there the kind of
        silicon decides alone.
        """
        if not self.accelerators:
            return True
        return any(
            row.accelerator == accelerator.name and has_figures_of(row, accelerator)
            for row in self.accelerators
        )

    def find_error(
        self, *, basis: ErrorLevel, kind: str = "tpot", engines: Sequence[str] = ()
    ) -> BasisError | None:
        """Spread of log(measured / predicted) of the first of these groups that has a row, or of
        all; None where unknown.
        """
        rows = self.error_index.get((basis, kind), {})
        return next((rows[name] for name in (*engines, ANY_ENGINE) if name in rows), None)

    def log_error(self, *, basis: ErrorLevel, engines: Sequence[str] = ()) -> float:
        """Standard deviation of log(measured / predicted) of a step's time [1], of the first of
        these groups that has a row.

        Raises
        ------
        KeyError
            No row for the basis.
        """
        row = self.find_error(basis=basis, engines=engines)
        if row is None:
            raise KeyError(basis)
        return row.log_standard_deviation


AnyRow = TypeVar("AnyRow", bound=CalibrationRow)


@cache
def load_calibration(folder: Path = FOLDER) -> Calibration:
    """Read the calibration tables of a folder.

    Raises
    ------
    OSError
        A table that cannot be read.
    ValueError
        A row that is not one, named with its file and line, or a table without the rows that
        every plan needs.
    """
    calibration = Calibration(
        step_constants=_read(folder / "step_constants.csv", StepConstants),
        architectures=_read(folder / "architectures.csv", ArchitectureFactor),
        collectives=_read(folder / "collectives.csv", Collective),
        errors=_read(folder / "errors.csv", BasisError),
        deviations=_read_if_there(folder / "deviations.csv", Deviation),
        first_token=_read_if_there(folder / "first_token.csv", FirstToken),
        spread=_read_if_there(folder / "spread.csv", SpreadSlope),
        configurations=_read_if_there(folder / "configurations.csv", FittedConfiguration),
        accelerators=_read_if_there(folder / "fitted_accelerators.csv", FittedAccelerator),
        own_errors=_read_if_there(folder / "own_errors.csv", OwnError),
    )
    for kind in ("dense", "moe"):
        if not any(
            (row.engine, row.kind) == (ANY_ENGINE, kind) for row in calibration.step_constants
        ):
            raise ValueError(f"step_constants.csv has no row of engine {ANY_ENGINE}, kind {kind}")
    for basis in NEEDED_BASES:
        if calibration.find_error(basis=basis) is None:
            raise ValueError(f"errors.csv has no row of basis {basis}, kind tpot, {ANY_ENGINE}")
    groups = Counter(
        (name, row.count) for row in calibration.collectives for name in row.accelerators
    )
    for (name, count), rows in groups.items():
        if rows > 1:
            raise ValueError(f"collectives.csv has {rows} rows of {count} {name}")
    return calibration


def _read_if_there(path: Path, row_type: type[AnyRow]) -> tuple[AnyRow, ...]:
    """Rows of a table that folders written before it existed do not have."""
    return _read(path, row_type) if path.exists() else ()


def _read(path: Path, row_type: type[AnyRow]) -> tuple[AnyRow, ...]:
    rows = []
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            for record in csv.DictReader(file):
                rows.append(row_type.model_validate(record))
        except ValidationError as error:
            first = error.errors()[0]
            column = "".join(f", {part}" for part in first["loc"])
            reason = first["msg"].removeprefix("Value error, ")
            if first["type"] == "extra_forbidden":
                reason = "no column of this version; write the folder again: recommend calibrate"
            raise ValueError(f"{path.name} line {len(rows) + 2}{column}: {reason}") from error
        except UnicodeDecodeError:
            raise ValueError(f"{path.name} is not UTF-8 text") from None
        except csv.Error as error:
            raise ValueError(f"{path.name}: {error}") from None
    return tuple(rows)
