"""What one instance has of an accelerator that several share, read from the catalogue's profiles.

MIG          memory and bandwidth: memory slices of all; peaks: compute slices of all, of what the
             slices have together
co-located   memory: 1 / instances; bandwidth and peaks of the whole, at most
"""

from collections.abc import Iterator
from typing import NamedTuple

from catalog import Catalog
from recommender.audit.finding import at_least, at_most, equal
from recommender.plan import Deployment, Finding, Plan


class Part(NamedTuple):
    """Shares of an accelerator that one replica's rank has [1]."""

    memory: float
    bandwidth: float
    compute: float


WHOLE = Part(1.0, 1.0, 1.0)


def part_of(d: Deployment, catalog: Catalog) -> Part:
    """The shares; nothing at all for a profile that the accelerator does not have."""
    if not d.sharing:
        return WHOLE
    if not d.sharing.startswith("mig-"):
        return Part(1 / d.instances_per_accelerator, 1.0, 1.0)
    for row in catalog.mig_profiles:
        if (row.accelerator, f"mig-{row.profile}") == (d.accelerator, d.sharing):
            memory = row.memory_slices / row.of_memory_slices
            slices = row.compute_slices / row.of_compute_slices
            return Part(memory, memory, slices * row.sliced_compute_share)
    return Part(0.0, 0.0, 0.0)


VCPUS_OF_AN_ENGINE = 6
"""Three cores of two threads: server, scheduler, worker."""


def findings(plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """Instances are of a known profile, no more than it allows, one rank each, with processors."""
    for d in plan.deployments:
        if not d.sharing:
            continue
        ranks = d.pp * d.tp * d.adp
        yield equal(f"{d.name}: an instance is one rank", 1, ranks, "ranks")
        offer = catalog.offers[d.offer]
        needed = VCPUS_OF_AN_ENGINE * offer.node_accelerators * d.instances_per_accelerator
        yield at_least(f"{d.name}: processors of a node", offer.vcpus or 0, needed, "vCPUs")
        if d.sharing.startswith("mig-"):
            most = max(
                (
                    row.instances
                    for row in catalog.mig_profiles
                    if (row.accelerator, f"mig-{row.profile}") == (d.accelerator, d.sharing)
                ),
                default=0,
            )
            promise = f"{d.name}: instances of {d.sharing}"
            yield at_most(promise, d.instances_per_accelerator, most, "instances")
