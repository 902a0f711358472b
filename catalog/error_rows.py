"""Rows of how far predictions are off, and of what was run; see `catalog.calibration`."""

from typing import Literal

from pydantic import Field, model_validator

from catalog.calibration_rows import ANY_ENGINE, CalibrationRow

ErrorLevel = Literal[
    "known", "measured", "calibrated", "recombined", "assumed", "transferred", "roofline"
]
"""What errors are kept by: a basis, and in two of them what else is known of a row.

known       calibrated, and the configuration itself (model, accelerator, engine, format, degrees)
            is among the fitted runs; its lengths and load may be new
recombined  calibrated, but this family was never run on this accelerator with this engine
assumed     transferred only because layout or lengths are not reported
"""


class BasisError(CalibrationRow):
    """How far predictions of a basis are off: log(measured / predicted)."""

    basis: ErrorLevel
    kind: str = "tpot"
    """Kind of quantity: tpot, ttft, prefill, throughput, power, weights, kv, ..."""
    engine: str = ANY_ENGINE
    """`vllm moe`, with a model family (`vllm moe qwen3`), and with the kind of silicon as well
    (`vllm moe qwen3 Hopper`); `*` is all."""
    log_standard_deviation: float = Field(ge=0, le=5)
    """Of speeds, on the slow side: what plans' margins are made of."""
    low: float | None = None
    """5th percentile."""
    high: float | None = None
    """95th percentile."""
    rows: int = 0
    far: int | None = None
    """Those of them that were off by more than three times; blank where they were not counted."""

    @model_validator(mode="after")
    def _ends_in_order(self) -> "BasisError":
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class SpreadSlope(CalibrationRow):
    """How errors grow with a feature of the row: the interval is wider by exp(slope * (x - at)).

    A trait, such as the month of an engine's version, is 1 where a row has it, with `at` 0.
    """

    basis: ErrorLevel
    kind: str
    """Kind of quantity, as in `BasisError`."""
    feature: str
    at: float
    """Mean of the feature among the rows that errors were kept of."""
    slope: float
    rows: int


class FittedConfiguration(CalibrationRow):
    """A deployment among the fitted runs: what `known` errors are looked up by."""

    network: str
    """See `catalog.network`."""
    family: str = ""
    """Of the model; blank in folders that were written before it was kept."""
    accelerator: str
    engine: str
    weight_bits: float
    tp: float
    pp: float
    adp: float
    ep: float
    rows: int


class OwnError(FittedConfiguration):
    """How far a deployment of the user is off its own runs: log(measured / predicted).

    Of that very deployment, on an accelerator with these figures, near what was measured alone
    (`recommender.performance.own_reach`). How it is found: `recommender.accuracy.fit.own_errors`.
    """

    kind: Literal["tpot", "throughput"]
    log_standard_deviation: float = Field(ge=0, le=5)
    """On the slow side: what plans' margins are made of."""
    low: float | None = None
    """5th percentile; blank where the runs are too few to say."""
    high: float | None = None
    """95th percentile."""
    runs: int = Field(ge=1)
    """Different lengths and loads among the rows."""
    least_context_tokens: float = Field(ge=0)
    """Mean context of a sequence that decodes, over the runs [tokens]."""
    most_context_tokens: float = Field(ge=0)
    least_prompt_per_output: float = Field(ge=0)
    """Prompt tokens per output token [1]."""
    most_prompt_per_output: float = Field(ge=0)
    most_sequences: float = Field(ge=0)
    """Most requests in flight of a rank, over the runs [count]."""
    memory_bandwidth_gb_per_s: float
    """Figures of the accelerator as in `FittedAccelerator`."""
    bf16_tflops: float | None = None
    fp8_tflops: float | None = None
    link_gb_per_s: float | None = None


class FittedAccelerator(CalibrationRow):
    """An accelerator among the fitted runs, with the figures that it was fitted with."""

    accelerator: str
    memory_bandwidth_gb_per_s: float
    bf16_tflops: float | None = None
    fp8_tflops: float | None = None
    link_gb_per_s: float | None = None
    """As in the catalogue's row of that day; another row of this name is another accelerator."""
    rows: int
