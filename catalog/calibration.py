"""Calibration: constants of the step-time model and measured collectives, as data.

Tables in `data/calibration/`, each row with its source, date and fit error:

step_constants.csv  shares of the peaks that kernels reach and overheads, by engine and kind of
                    model (`dense`, `moe`); engine `*` stands for those without a row
architectures.csv   how far an accelerator architecture deviates from those shares
collectives.csv     latency and bandwidth of a collective by accelerator and group size
errors.csv          spread of log(measured / predicted) by basis and kind of quantity
"""

import csv
import datetime
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError, field_validator, model_validator

from catalog.schema import Row

FOLDER = Path(__file__).parent / "data" / "calibration"
ANY_ENGINE = "*"
Kind = Literal["dense", "moe"]
Basis = Literal["measured", "calibrated", "transferred", "roofline"]


class CalibrationRow(Row):
    """A fitted or measured fact; lists are separated by semicolons in the file."""

    date: datetime.date
    fit_error_pct: float | None = None
    """Mean absolute percentage error of the fit."""

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unknown(cls, values: object) -> object:
        """A blank cell takes the column's default."""
        if isinstance(values, dict):
            return {name: value for name, value in values.items() if value != ""}
        return values


class StepConstants(CalibrationRow):
    """Constants of the step time. Shares are of the datasheet's peak [1]."""

    engine: str
    kind: Kind
    bandwidth_share: float
    """Memory bandwidth reached by matrix multiplications with few tokens."""
    compute_share: float
    """Arithmetic reached by large matrix multiplications in 16 bits."""
    eight_bit_share: float = 1.0
    """The same of 8-bit formats, relative to 16-bit ones."""
    four_bit_share: float = 1.0
    expert_bandwidth_share: float
    expert_compute_share: float
    tile_tokens: float = 0.0
    """Rows of a matrix tile that the tokens of an expert leave empty, in the mean [tokens]."""
    kv_bandwidth_share: float
    attention_compute_share: float
    layer_s: float
    """Launches and synchronisation per layer [s]."""
    expert_layer_s: float
    """Routing, sorting and gathering per layer with experts [s]."""
    step_s: float
    """Scheduling and sampling per step [s]."""
    sequence_s: float
    """The same per sequence of the batch [s]."""
    collective_scale: float
    """Collectives inside an engine against alone [1]."""
    sharpness: float
    prompt_share: float = 1.0
    """Share of a prompt's marginal cost that delays the other sequences [1]."""
    frontend_s: float = 0.04
    """HTTP, tokeniser and scheduling before the first token [s]."""
    request_s: float = 0.0
    """Serial work of the frontend per request that arrives at once [s]."""
    waiting: float = 0.0
    """Prompts waited for at the start of a run, per request in flight [1]."""
    yearly_gain: float = 0.0
    """Logarithm of the speed that an engine gains per year."""
    architectures: tuple[str, ...]
    """Accelerator architectures among the fitted runs."""
    operator_architectures: tuple[str, ...]
    """Architectures with measured operators that agree with the constants."""
    engines: tuple[str, ...]
    families: tuple[str, ...]
    rows: int

    @field_validator(
        "architectures", "operator_architectures", "engines", "families", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split(";")) if isinstance(value, str) else value


class Collective(CalibrationRow):
    """One collective among `count` accelerators: latency + message / bandwidth."""

    collective: Literal["all_reduce"]
    accelerators: tuple[str, ...]
    count: int
    latency_us: float
    bandwidth_gb_per_s: float
    """Message bytes of one accelerator per second."""

    @field_validator("accelerators", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split(";")) if isinstance(value, str) else value


class ArchitectureFactor(CalibrationRow):
    """What an architecture reaches of its datasheet, against the mean of the fitted ones [1]."""

    architecture: str
    compute_factor: float
    bandwidth_factor: float
    overhead_factor: float = 1.0
    """Of launches and steps."""
    rows: int


class BasisError(CalibrationRow):
    """How far predictions of a basis are off: log(measured / predicted)."""

    basis: Basis
    kind: str = "tpot"
    """Kind of quantity: tpot, ttft, prefill, throughput, power, weights, kv, ..."""
    engine: str = ANY_ENGINE
    """`vllm moe` and the like; `*` is all."""
    log_standard_deviation: float
    low: float | None = None
    """5th percentile."""
    high: float | None = None
    """95th percentile."""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """All calibration facts."""

    step_constants: tuple[StepConstants, ...]
    architectures: tuple[ArchitectureFactor, ...]
    collectives: tuple[Collective, ...]
    errors: tuple[BasisError, ...]

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

    def architecture(self, name: str) -> ArchitectureFactor | None:
        """The fitted deviation of an architecture; None when it was not fitted."""
        return next((row for row in self.architectures if row.architecture == name), None)

    def find_error(
        self, *, basis: Basis, kind: str = "tpot", engine: str = ANY_ENGINE
    ) -> BasisError | None:
        """Spread of log(measured / predicted), of the engine or of all; None where unknown."""
        rows = {row.engine: row for row in self.errors if (row.basis, row.kind) == (basis, kind)}
        return rows.get(engine) or rows.get(ANY_ENGINE)

    def log_error(self, *, basis: Basis, engine: str = ANY_ENGINE) -> float:
        """Standard deviation of log(measured / predicted) of a step's time [1].

        Raises
        ------
        KeyError
            No row for the basis.
        """
        row = self.find_error(basis=basis, engine=engine)
        if row is None:
            raise KeyError(basis)
        return row.log_standard_deviation


AnyRow = TypeVar("AnyRow", bound=CalibrationRow)


@cache
def load_calibration(folder: Path = FOLDER) -> Calibration:
    """Read the calibration tables of a folder.

    Raises
    ------
    ValueError
        A row that is not one, named with its file and line.
    """
    return Calibration(
        step_constants=_read(folder / "step_constants.csv", StepConstants),
        architectures=_read(folder / "architectures.csv", ArchitectureFactor),
        collectives=_read(folder / "collectives.csv", Collective),
        errors=_read(folder / "errors.csv", BasisError),
    )


def _read(path: Path, row_type: type[AnyRow]) -> tuple[AnyRow, ...]:
    rows = []
    with path.open(newline="", encoding="utf-8") as file:
        for line, record in enumerate(csv.DictReader(file), start=2):
            try:
                rows.append(row_type.model_validate(record))
            except ValidationError as error:
                raise ValueError(f"{path.name} line {line}: {error.errors()[0]['msg']}") from error
    return tuple(rows)
