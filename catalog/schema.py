"""What a row of the catalogue is: frozen, typed, with unit, source and date.

None means "not published or not supported": nothing is estimated here. GB is 10^9 bytes.
"""

from typing import Literal

from catalog.language_model import LanguageModel as LanguageModel
from catalog.offer import Offer as Offer
from catalog.row import COMMITTED_TERMS as COMMITTED_TERMS
from catalog.row import AtLeastOne as AtLeastOne
from catalog.row import Count as Count
from catalog.row import NotNegative as NotNegative
from catalog.row import Positive as Positive
from catalog.row import Row as Row
from catalog.row import Terms as Terms
from catalog.row import Verification as Verification

NO_LINK = "none"
"""`link_type` of an accelerator without a scale-up link."""


class Accelerator(Row):
    """One accelerator as it is sold; rates are dense (no sparsity)."""

    name: str
    aliases: tuple[str, ...] = ()
    vendor: str
    architecture: str
    form: str
    status: str = "available"
    memory_gb: Positive
    usable_memory_gib: Positive | None = None
    """What the driver leaves to programs, where it was read; else memory_gb decides."""
    memory_type: str | None = None
    memory_bandwidth_gb_per_s: Positive
    fp32_tflops: Positive | None = None
    tf32_tflops: Positive | None = None
    fp16_tflops: Positive | None = None
    bf16_tflops: Positive | None = None
    fp8_tflops: Positive | None = None
    int8_tops: Positive | None = None
    fp4_tflops: Positive | None = None
    int4_tops: Positive | None = None
    tdp_w: Positive | None = None
    link_type: str | None = None
    link_gb_per_s: Positive | None = None
    """Scale-up link per accelerator, one direction."""
    scale_up_domain: AtLeastOne = 1
    """Accelerators joined by the scale-up link."""
    accelerators_per_node: AtLeastOne = 1
    pcie_gen: Positive | None = None
    host_link_gb_per_s: Positive | None = None
    compute_capability: str | None = None
    released: str | None = None
    price_usd_low: NotNegative | None = None
    price_usd_high: NotNegative | None = None

    @property
    def memory_bytes(self) -> float:
        """Memory that programs can use [B]."""
        if self.usable_memory_gib is not None:
            return self.usable_memory_gib * 2**30
        return self.memory_gb * 1e9


class Checkpoint(Row):
    """A published quantised checkpoint of a model."""

    model: str
    """Id of the model that was quantised."""
    precision: str
    checkpoint: str
    """Id on the hub."""


class Precision(Row):
    """A number format of weights (and of activations in the matrix units)."""

    name: str
    aliases: tuple[str, ...] = ()
    weight_bits: Positive
    """Bits per weight, with scales and zero points."""
    activation_bits: Positive
    block: AtLeastOne = 1
    """Weights that share a scale along a cut dimension: every cut must be a multiple."""


class Support(Row):
    """Whether an engine runs a precision on an accelerator architecture, and how."""

    engine: str
    architecture: str
    precision: str
    mode: Literal["native", "weight_only", "none"]
    compute_format: str
    """Matrix-unit format that limits FLOP/s: bf16, fp16, fp8, int8, fp4."""


class KvSupport(Row):
    """Whether an engine holds its KV cache in a format on an architecture."""

    engine: str
    architecture: str
    precision: str
    supported: bool


class QualityLoss(Row):
    """Measured loss of a quantisation method on a model family."""

    precision: str
    """Name of a weight precision, or `kv-fp8` and the like."""
    family: str
    """Family of the model measured, or `mixed` for an average over several."""
    model: str = ""
    method: str
    """How the weights were quantised: the look-up takes the best method of a family."""
    broad: bool
    """Average over several tasks; only these count, single tasks are for information."""
    loss_pct: float
    benchmark: str
    date: str | None = None


class Engine(Row):
    """Defaults of a serving engine."""

    name: str
    version: str
    scheduler: Literal["chunked", "prefill_first", "static"]
    memory_utilisation: Positive
    """Share of the memory that the engine claims."""
    utilisation_of: Literal["all", "free"] = "all"
    """Of the accelerator's whole memory, or for its cache of what is free after loading."""
    non_torch_gib: NotNegative
    """CUDA context, NCCL buffers and graphs per accelerator [GiB]."""
    frontend_s: NotNegative
    """HTTP, tokeniser and scheduling, part of TTFT [s]."""
    kv_block_tokens: AtLeastOne = 16
    expert_parallel: bool = True
    pipeline_parallel: bool = True
    attention_data_parallel: bool = True
    speculative: bool = True
    """Whether it drafts and verifies tokens for whole batches."""
    overlap_flag: str = ""
    """Flag that hides dispatch and combine of experts behind another half of the batch
    (two-batch overlap); blank where it cannot."""


class WorkloadPreset(Row):
    """A named workload: its lengths are the (input, output) pairs of `file`."""

    name: str
    file: str
    burstiness: NotNegative
    peak_requests_per_s: NotNegative | None = None
    """Of the trace that burstiness was measured in, in its busiest minute."""
    peak_to_mean: NotNegative | None = None
    description: str
    licence: str
