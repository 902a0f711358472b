"""How NVIDIA accelerators are cut into isolated slices (multi-instance GPU, MIG).

memory, bandwidth of an instance = memory_slices / of_memory_slices of the accelerator
compute of an instance           = compute_slices / of_compute_slices * sliced_compute_share
"""

from typing import Annotated

from pydantic import Field

from catalog.row import AtLeastOne, Row

Share = Annotated[float, Field(gt=0, le=1)]


class MigProfile(Row):
    """One profile of an accelerator: the size of an instance, and how many fit at once."""

    accelerator: str
    profile: str
    """As the driver names it: 1g.10gb."""
    compute_slices: AtLeastOne
    of_compute_slices: AtLeastOne
    memory_slices: AtLeastOne
    of_memory_slices: AtLeastOne
    instances: AtLeastOne
    sliced_compute_share: Share
    """Compute that all slices together have, of the accelerator without MIG."""

    @property
    def memory_share(self) -> float:
        """Of memory and its bandwidth that one instance has."""
        return self.memory_slices / self.of_memory_slices

    @property
    def compute_share(self) -> float:
        """Of compute that one instance has."""
        return self.compute_slices / self.of_compute_slices * self.sliced_compute_share
