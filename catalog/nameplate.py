"""Nameplate power of a node: what its power supplies are built for.

    P = P_chassis                    all accelerators of a known chassis
    P = P_chassis * n / n_chassis    a share of it (a slice of a server, a tray of a rack)
    P = 1.8 * TDP * n                no chassis known

The factor 1.8 covers host, fans, NICs and supply margin; a DGX H100 has
10.2 kW / (8 * 0.7 kW) = 1.82, a DGX B200 14.3 kW / (8 * 1.0 kW) = 1.79.
"""

from collections.abc import Iterable

from catalog.facility import Chassis
from catalog.schema import Accelerator

NAMEPLATE_PER_TDP = 1.8


def nameplate(
    accelerator: Accelerator, node_accelerators: int, chassis: Iterable[Chassis]
) -> tuple[float, str] | None:
    """Nameplate power of a node [W] and its basis; None when no power figure is known."""
    known = [m for m in chassis if m.accelerator == accelerator.name and m.nameplate_power_w]
    known.sort(key=lambda machine: machine.accelerators != node_accelerators)
    for machine in known[:1]:
        assert machine.nameplate_power_w is not None
        if machine.accelerators == node_accelerators:
            return machine.nameplate_power_w, f"chassis {machine.name}"
        share = node_accelerators / machine.accelerators
        return machine.nameplate_power_w * share, f"share of chassis {machine.name}"
    if accelerator.tdp_w is None:
        return None
    return NAMEPLATE_PER_TDP * accelerator.tdp_w * node_accelerators, "1.8 x TDP"


def typical_power_w(
    accelerator: Accelerator, node_accelerators: int, chassis: Iterable[Chassis]
) -> float | None:
    """Typical draw of a node [W], where a chassis states it."""
    for machine in chassis:
        if machine.accelerator == accelerator.name and machine.typical_power_w is not None:
            return machine.typical_power_w * node_accelerators / machine.accelerators
    return None
