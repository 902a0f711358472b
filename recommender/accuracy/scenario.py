"""A measurement row as the project's own words: model, accelerator, layout, batch, lengths.

What a row does not report is assumed by a rule that does not know who published it, and every
assumption is listed. What has no rule is refused with the reason.
"""

from dataclasses import dataclass

from catalog.schema import Accelerator, Engine, LanguageModel
from recommender.accuracy.precision_names import Format
from recommender.accuracy.serving_options import NONE_STATED, ServingOptions

OLD_UNTIL = 2024.6
OLD_SUFFIX = "@2024"
"""Versions until mid-2024: before vLLM 0.6 and TensorRT-LLM 0.12 rewrote their schedulers."""
AGEING = ("vllm", "trtllm", "tensorrt")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row is not predicted."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One deployment and its load.

    Attributes
    ----------
    replicas
        Equal copies that share the load [count].
    concurrency
        Sequences in flight per attention rank [count]; None is as many as fit.
    engine
        Key of the engine, see `engine_names`.
    year
        Vintage of the engine; None is unknown.
    assumptions
        One phrase each.
    """

    model: LanguageModel
    guessed_model: bool
    accelerator: Accelerator
    accelerators: float
    engine: str
    year: float | None
    weights: Format
    kv_bytes: float
    tp: float
    pp: float
    adp: float
    ep: float
    replicas: float
    concurrency: float | None
    input_tokens: float | None
    output_tokens: float | None
    micro_batch_tokens: float
    """Prompt tokens that one pipeline stage takes at a time."""
    layout_reported: bool
    lengths_reported: bool
    assumptions: tuple[str, ...]
    output_variation: float = 0.0
    """Standard deviation over mean of the answers' lengths."""
    overlap: bool = False
    """Whether the row says that dispatch and combine hid behind another half of the batch."""
    own_engine: Engine | None = None
    """What an overlay says of the engine; None for those that are as shipped."""
    options: ServingOptions = NONE_STATED
    """What the notes say of how the engine was started."""

    @property
    def cell(self) -> str:
        """Engine whose constants apply: old versions have their own."""
        old = self.year is not None and self.year < OLD_UNTIL
        return f"{self.engine}{OLD_SUFFIX}" if old and self.engine in AGEING else self.engine
