"""All replica kinds of a request: hardware x layout, with performance computed once.

Price plays no part here; offers are joined afterwards.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.step_law import StepLaw

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False, kw_only=True)
class ReplicaTable:
    """Struct of arrays of shape (n,), one entry per replica kind.

    Attributes
    ----------
    hardware
        The distinct kinds of node; `hardware_index` points into it.
    law
        Step laws at the confidence of the request.
    central_law
        The same without the margin for model error.
    weights_bytes, kv_bytes, overhead_bytes
        Per accelerator of the fullest stage [B].
    accelerators, nodes
        Of one replica; above one node it takes them whole; instances where they are shared
        (`whole_accelerators`) [count].
    models
        Model id of each kind of node, where there are several models; else empty.
    quality
        Of the model's answers in these formats [points of 100]; None where it is not asked for.
    """

    hardware: tuple[Hardware, ...]
    hardware_index: Indices
    layouts: tuple[Layout, ...]
    law: StepLaw
    central_law: StepLaw
    weights_bytes: Floats
    kv_bytes: Floats
    overhead_bytes: Floats
    accelerators: Indices
    nodes: Indices
    quality_loss_pct: Floats
    quality_basis: tuple[str, ...]
    models: tuple[str, ...] = ()
    quality: Floats | None = None

    def __len__(self) -> int:
        return len(self.layouts)

    def of_hardware(self, index: int) -> Indices:
        """Positions of the replica kinds on one kind of node."""
        return np.flatnonzero(self.hardware_index == index)

    def model(self, position: int) -> str:
        """Model id of a kind; empty where there is only one model."""
        return self.models[self.hardware_index[position]] if self.models else ""

    def quality_at(self, position: int) -> float | None:
        """Quality of a kind's answers [points of 100]; None where it is not asked for."""
        return None if self.quality is None else float(self.quality[position])

    @cached_property
    def shortfall_pct(self) -> Floats:
        """What is short of the best model unquantised [%]: of one model its quality loss.

        Where models have no known quality, the loss of their formats is all that is compared.
        """
        if self.quality is None or not self.models:
            return self.quality_loss_pct
        short = [self.short_pct(float(quality)) for quality in self.quality]
        return np.asarray(short, dtype=np.float64)

    @cached_property
    def best_quality(self) -> float:
        """Quality of the best model unquantised [points of 100]; 0 where none is known."""
        if self.quality is None or not len(self):
            return 0.0
        return float(np.round(self.quality / (1 - self.quality_loss_pct / 100), 6).max())

    def short_pct(self, quality: float) -> float:
        """What a quality is short of the best model unquantised [%]."""
        return round(100 * (1 - quality / self.best_quality), 9)

    def replicas_per_group(self, position: int) -> int:
        """Replicas that fill one node; 1 when a replica spans nodes."""
        if self.nodes[position] > 1:
            return 1
        node = self.hardware[self.hardware_index[position]].node_accelerators
        return int(node // self.accelerators[position])

    def sharing(self, position: int) -> str:
        """How instances share an accelerator: `mig-1g.10gb`; empty where they do not."""
        sharing = self.hardware[self.hardware_index[position]].sharing
        return "" if sharing is None else str(sharing)

    def whole_accelerators(self, position: int) -> float:
        """Accelerators of one replica, a part of one where instances share it [count]."""
        instances = self.hardware[self.hardware_index[position]].instances
        return float(self.accelerators[position] / instances)

    def cut(self, position: int) -> tuple[object, ...]:
        """Kind of node, formats and parallel degrees: what is left of a kind without settings."""
        layout = self.layouts[position]
        return (
            int(self.hardware_index[position]),
            layout.precision,
            layout.kv_precision,
            layout.tp,
            layout.pp,
            layout.adp,
            layout.ep,
        )

    def describe_layout(self, position: int) -> str:
        """Readable layout: `fp8 tp4 b256 c2048`."""
        layout = self.layouts[position]
        kv = "" if layout.kv_precision == "bf16" else f" kv-{layout.kv_precision}"
        degrees = "".join(
            f" {name}{getattr(layout, name)}"
            for name in ("tp", "pp", "adp", "ep")
            if name == "tp" or getattr(layout, name) > 1
        )
        sharing = self.sharing(position)
        shared = f" {sharing}" if sharing else ""
        model = f"{self.model(position).rpartition('/')[2]} " if self.models else ""
        settings = f"b{layout.max_batch} c{layout.chunk_tokens}"
        return f"{model}{layout.precision}{kv}{degrees}{shared} {settings}"

    def describe(self, position: int) -> str:
        """Readable name: `B200 180GB SXM x8 fp8 tp4 b256 c2048`."""
        hardware = self.hardware[self.hardware_index[position]]
        node = f"{hardware.accelerator.name} x{hardware.node_accelerators}"
        return f"{node} {self.describe_layout(position)}"
