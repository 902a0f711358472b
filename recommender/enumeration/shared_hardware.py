"""What an engine instance has of an accelerator that several share: slices, or a share of time.

    MIG          memory, bandwidth    memory slices / all                of the accelerator
                 peaks                compute slices / all * what slices have together
                 node                 G accelerators offer G * instances, without links
    co-located   memory               1 / m
                 bandwidth, peaks     of the whole: time is shared in the law (shared_law.py)

A replica is one instance (tp = 1). Every accelerator of a node is cut the same way, and the node
remains what is bought and what fails. Instances of one node also share its processors: an engine
with one accelerator asks for three cores (vLLM documentation, 2 + N physical cores for N GPUs;
recalled), so a node whose vCPUs are fewer, or unknown, is not shared that way. None of these laws
was measured: they count as transferred, never as calibrated.
"""

from collections.abc import Iterator

from catalog import Catalog
from catalog.schema import NO_LINK, Accelerator
from recommender.hardware import Sharing
from recommender.request.spec import SharingChoice

COLOCATED = (2, 4)
"""Instances on one accelerator that are tried."""
VCPUS_PER_INSTANCE = 6
"""Three cores of two threads."""
PEAKS = (
    "fp32_tflops",
    "tf32_tflops",
    "fp16_tflops",
    "bf16_tflops",
    "fp8_tflops",
    "int8_tops",
    "fp4_tflops",
    "int4_tops",
)


def shared_accelerators(
    accelerator: Accelerator, share: SharingChoice, catalog: Catalog
) -> Iterator[tuple[Accelerator, Sharing]]:
    """(what one instance has, how it is shared) for each way that `--share` allows."""
    if share in ("mig", "both"):
        for row in catalog.mig_profiles:
            if row.accelerator == accelerator.name and row.instances > 1:
                sharing = Sharing("mig", row.instances, row.profile)
                yield part_of(accelerator, row.memory_share, row.compute_share), sharing
    if share in ("colocated", "both"):
        for instances in COLOCATED:
            held = _with_memory(accelerator, 1 / instances)
            yield held, Sharing("colocated", instances)


def too_few_processors(vcpus: int | None, instances: int) -> str | None:
    """Why the processors of a node do not carry so many engine instances, if so."""
    needed = VCPUS_PER_INSTANCE * instances
    if vcpus is None:
        return f"{instances} instances need {needed} vCPUs; those of the node are unknown"
    if vcpus < needed:
        return f"{instances} instances need {needed} vCPUs > {vcpus} of the node"
    return None


def part_of(accelerator: Accelerator, memory_share: float, compute_share: float) -> Accelerator:
    """The accelerator with shares of its memory, bandwidth and peaks, and without links."""
    peaks = {
        name: compute_share * peak
        for name in PEAKS
        if (peak := getattr(accelerator, name)) is not None
    }
    bandwidth = accelerator.memory_bandwidth_gb_per_s * memory_share
    changes = {**peaks, "memory_bandwidth_gb_per_s": bandwidth}
    return _with_memory(accelerator, memory_share).model_copy(update=changes)


def _with_memory(accelerator: Accelerator, share: float) -> Accelerator:
    usable = accelerator.usable_memory_gib
    return accelerator.model_copy(
        update={
            "memory_gb": accelerator.memory_gb * share,
            "usable_memory_gib": None if usable is None else usable * share,
            "scale_up_domain": 1,
            "link_type": NO_LINK,
            "link_gb_per_s": None,
        }
    )
