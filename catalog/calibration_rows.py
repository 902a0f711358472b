"""Rows of constants of the step time; see `catalog.calibration` for what each table holds."""

import datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from catalog.schema import Row

ANY_ENGINE = "*"
OWN_RUNS = "own measurements"
"""How sources of constants begin that were scaled to runs of the user."""
Factor = Annotated[float, Field(ge=1e-6, le=1e3)]
"""A share of a peak or a factor on one [1]: never 0, which no time could be divided by."""
Seconds = Annotated[float, Field(ge=0, le=1e3)]
Kind = Literal["dense", "moe"]
Basis = Literal["measured", "own runs", "calibrated", "transferred", "roofline"]
Scope = Literal["silicon", "family", "accelerator", "family on silicon", "version"]


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


_SPLIT_SINCE = {
    "decode_attention_share": "attention_compute_share",
    "exchange_scale": "collective_scale",
}


class StepConstants(CalibrationRow):
    """Constants of the step time. Shares are of the datasheet's peak [1]."""

    engine: str
    kind: Kind
    bandwidth_share: Factor
    """Memory bandwidth reached by matrix multiplications with few tokens."""
    compute_share: Factor
    """Arithmetic reached by large matrix multiplications in 16 bits."""
    eight_bit_share: Factor = 1.0
    """The same of 8-bit formats, relative to 16-bit ones."""
    four_bit_share: Factor = 1.0
    expert_bandwidth_share: Factor
    expert_compute_share: Factor
    tile_tokens: float = Field(0.0, ge=0, le=1e6)
    """Rows of a matrix tile that the tokens of an expert leave empty, in the mean [tokens]."""
    kv_bandwidth_share: Factor
    attention_compute_share: Factor
    """Arithmetic reached by attention of prompts, in 16 bits."""
    decode_attention_share: Factor
    """The same of decodes: other kernels; in tables without it as for prompts."""
    layer_s: Seconds
    """Launches and synchronisation per layer [s]."""
    expert_layer_s: Seconds
    """Routing, sorting and gathering per layer with experts [s]."""
    step_s: Seconds
    """Scheduling and sampling per step [s]."""
    sequence_s: Seconds
    """The same per sequence of the batch [s]."""
    collective_scale: Factor
    """All-reduces inside an engine against alone [1]."""
    exchange_scale: Factor
    """The same of the latency of dispatch and combine; in tables without it as all-reduces."""
    sharpness: Factor
    prompt_layer_s: Seconds = 0.0
    """Launches per layer that a step with a prompt adds, for want of a captured graph [s]."""
    prompt_stretch: Factor = 1.0
    """A prompt's way to its own first token against the time it takes from the others [1]."""
    frontend_s: Seconds = 0.04
    """HTTP, tokeniser and scheduling before the first token [s]."""
    request_s: Seconds = 0.0
    """Serial work of the frontend per request that arrives at once [s]."""
    waiting: float = Field(0.0, ge=0, le=1e3)
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

    @model_validator(mode="before")
    @classmethod
    def _split_since(cls, values: object) -> object:
        """Constants that older tables hold as one."""
        if not isinstance(values, dict):
            return values
        older = {new: values.get(old) for new, old in _SPLIT_SINCE.items() if not values.get(new)}
        return {**values, **older}

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
    count: int = Field(ge=1)
    latency_us: float = Field(ge=0)
    bandwidth_gb_per_s: float = Field(gt=0)
    """Message bytes of one accelerator per second."""

    @field_validator("accelerators", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split(";")) if isinstance(value, str) else value


class ArchitectureFactor(CalibrationRow):
    """What an architecture reaches of its datasheet, against the mean of the fitted ones [1]."""

    architecture: str
    compute_factor: Factor
    bandwidth_factor: Factor
    overhead_factor: Factor = 1.0
    """Of launches and steps."""
    frontend_factor: Factor = 1.0
    """Of HTTP, tokeniser and scheduling, once and per request."""
    waiting_factor: Factor = 1.0
    """Of the share of other prompts that is met at the first token: a choice of the scheduler."""
    rows: int


class Deviation(CalibrationRow):
    """What an engine reaches of one kind of silicon, model family, ... beside its constants [1]."""

    engine: str
    kind: Kind
    scope: Scope
    name: str
    """Of the silicon, family, accelerator, `family on silicon`, or the month of the version."""
    compute_factor: Factor
    bandwidth_factor: Factor
    overhead_factor: Factor
    frontend_factor: Factor = 1.0
    waiting_factor: Factor = 1.0
    rows: int


class FirstToken(CalibrationRow):
    """Weights of the learned residual of first tokens in closed loops, of one group of rows.

    On the logarithm of the time: a constant, and slopes with the logarithms of the requests in
    flight, prompt and output tokens, tp and attention ranks; with the shares of the predicted time
    that its parts have; with a place that one request always waits for; with the first logarithm
    squared, and times that of the prompt; and where a server could stream 32,768 tokens per second.
    """

    engine: str
    kind: Kind
    family: str
    silicon: str
    version: str = "*"
    """Month of the engine's version, as 2025-11, or `undated`; `*` is all."""
    format: str = "*"
    """Format of the weights, as fp8; `*` is all."""
    constant: float
    concurrency: float
    input_tokens: float
    output_tokens: float
    tp: float
    adp: float = 0.0
    frontend_share: float = 0.0
    prompt_share: float = 0.0
    waiting_share: float = 0.0
    request_share: float = 0.0
    place: float = 0.0
    concurrency_squared: float = 0.0
    concurrency_input: float = 0.0
    busy_frontend: float = 0.0
    burst: float = 0.0
    rows: int
