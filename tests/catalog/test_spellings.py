"""Which accelerator a foreign spelling means, and which are rejected."""

import pytest

from catalog import load
from catalog.importers.rejected import Rejection
from catalog.importers.resolve import resolve_accelerator

CATALOG = load()


@pytest.mark.parametrize(
    ("spelling", "memory_gb", "name"),
    [
        ("NVIDIA H100", 80, "H100 80GB SXM5"),
        ("H100 NVL", None, "H100 NVL 94GB"),
        ("A100-80GB-SXM", None, "A100 80GB SXM4"),
        ("Tesla T4", 16, "T4"),
        ("RTX4090", 24, "RTX 4090"),
        ("L40S", 48, "L40S"),
        ("L4", 24, "L4"),
        ("NVIDIA GeForce RTX 5090", None, "RTX 5090"),
        ("MI300X", 192, "MI300X"),
        ("b200", 180, "B200 180GB SXM"),
        ("A100", 40, "A100 40GB SXM4"),  # what clouds mean when they do not say PCIe
        ("A100 PCIe", 40, "A100 40GB PCIe"),
        ("V100", 32, "V100 32GB SXM2"),
        ("NVIDIA H200 SXM 141GB", None, "H200 141GB SXM5"),
        ("H100 SXM", None, "H100 80GB SXM5"),
        ("RTX6000-Ada", None, "RTX 6000 Ada"),
        ("RTX6000", 24, "Quadro RTX 6000"),
        ("RTXPRO4500", 32, "RTX PRO 4500 Blackwell"),
        ("RTXPRO6000-SERVER", None, "RTX PRO 6000 Blackwell Server"),
        ("RTX5060Ti", 16, "RTX 5060 Ti 16GB"),
        ("NVIDIA H100 80GB HBM3", None, "H100 80GB SXM5"),  # as nvidia-smi says it
    ],
)
def test_spellings(spelling: str, memory_gb: float | None, name: str) -> None:
    assert resolve_accelerator(CATALOG, spelling, memory_gb) == name


@pytest.mark.parametrize(
    ("spelling", "memory_gb", "reason"),
    [
        ("", None, "no accelerator"),
        ("Voodoo2", None, "unknown accelerator"),
        ("H100", 24, "no 'H100' with 24 GB"),
        ("RTX PRO 6000", None, "ambiguous"),
        ("RTX5060Ti", 8, "no 'RTX5060Ti' with 8 GB"),
        ("RTX5060Ti", None, "unknown accelerator"),  # 8 or 16 GB
    ],
)
def test_spellings_that_are_rejected(spelling: str, memory_gb: float | None, reason: str) -> None:
    with pytest.raises(Rejection, match=reason):
        resolve_accelerator(CATALOG, spelling, memory_gb)
