"""Physics of accelerators and chassis.

- halving the width never slows the matrix units: fp4 >= fp8 >= bf16 >= fp32, int8 >= fp16
- memory, bandwidth and power lie in the range of their class
- dense ridge point (FLOP per byte, 16 bits) between 10 and 1,000: outside, sparse rates or a
  wrong unit are likely
- a chassis' supplies carry at least its accelerators
"""

from collections import Counter
from collections.abc import Iterator

from catalog.catalog import Catalog
from catalog.check.finding import Finding, error
from catalog.schema import Accelerator

_ORDERED = (
    ("fp4_tflops", "fp8_tflops"),
    ("fp8_tflops", "bf16_tflops"),
    ("fp8_tflops", "fp16_tflops"),
    ("bf16_tflops", "fp32_tflops"),
    ("fp16_tflops", "fp32_tflops"),
    ("bf16_tflops", "tf32_tflops"),
    ("int4_tops", "int8_tops"),
)
_INT8_REMOVED = ("Blackwell Ultra",)
"""Architectures whose int8 matrix rate was nearly removed."""
_RANGES = {
    # class: memory [GB], bandwidth [GB/s], power [W]
    "edge": ((4, 192), (50, 400), (5, 200)),
    "desktop": ((16, 512), (100, 2000), (20, 500)),
    "board": ((8, 192), (150, 5000), (30, 700)),
    "cpu": ((64, 8192), (100, 1500), (100, 700)),
    "module": ((16, 600), (600, 25_000), (150, 2500)),
}
_CLASSES = {
    "edge": "edge",
    "desktop": "desktop",
    "SoC": "desktop",
    "APU": "desktop",
    "CPU": "cpu",
    "APU socket": "module",
    "SXM": "module",
    "OAM": "module",
    "OAM-like": "module",
    "superchip": "module",
    "rack": "module",
    "cloud only": "module",
}
_RIDGE = (10, 1000)
_FP32_ROUNDING = 0.99


def check_accelerators(catalog: Catalog) -> Iterator[Finding]:
    """Findings on accelerators."""
    for row in catalog.accelerators.values():
        yield from _rates(row)
        yield from _ranges(row)
        if row.scale_up_domain > 1 and row.link_gb_per_s is None:
            yield error("accelerators", row.name, "link_gb_per_s", "a domain needs its link rate")
        if row.usable_memory_gib and not 0.9 < row.usable_memory_gib * 1.0737 / row.memory_gb < 1.1:
            yield error("accelerators", row.name, "usable_memory_gib", "far from memory_gb")
    names = Counter(
        name.casefold()
        for row in catalog.accelerators.values()
        for name in {row.name.casefold(), *(alias.casefold() for alias in row.aliases)}
    )
    for name, count in names.items():
        if count > 1:
            yield error("accelerators", name, "aliases", f"names {count} accelerators")


def _rates(row: Accelerator) -> Iterator[Finding]:
    for narrow, wide in _ORDERED:
        fast, slow = getattr(row, narrow), getattr(row, wide)
        if fast is not None and slow is not None and fast < slow * _FP32_ROUNDING:
            yield error("accelerators", row.name, narrow, f"{fast:g} is below {wide} {slow:g}")
    half, int8 = row.fp16_tflops, row.int8_tops
    if half and int8 and int8 < half * _FP32_ROUNDING and row.architecture not in _INT8_REMOVED:
        yield error("accelerators", row.name, "int8_tops", f"{int8:g} is below fp16 {half:g}")
    rate = row.bf16_tflops or row.fp16_tflops
    if rate:
        ridge = rate * 1000 / row.memory_bandwidth_gb_per_s
        if not _RIDGE[0] < ridge < _RIDGE[1]:
            yield error(
                "accelerators", row.name, "bf16_tflops", f"{ridge:.0f} FLOP per byte of bandwidth"
            )


def _ranges(row: Accelerator) -> Iterator[Finding]:
    memory, bandwidth, power = _RANGES[_CLASSES.get(row.form, "board")]
    for column, value, (low, high) in (
        ("memory_gb", row.memory_gb, memory),
        ("memory_bandwidth_gb_per_s", row.memory_bandwidth_gb_per_s, bandwidth),
        ("tdp_w", row.tdp_w, power),
    ):
        if value is not None and not low <= value <= high:
            yield error(
                "accelerators", row.name, column, f"{value:g} is outside {low}-{high} ({row.form})"
            )


def check_chassis(catalog: Catalog) -> Iterator[Finding]:
    """Findings on chassis."""
    for row in catalog.chassis.values():
        accelerator = catalog.accelerators.get(row.accelerator)
        if accelerator is None:
            yield error("chassis", row.name, "accelerator", f"unknown: {row.accelerator}")
            continue
        plate, tdp = row.nameplate_power_w, accelerator.tdp_w
        if plate and tdp and plate < tdp * row.accelerators:
            yield error("chassis", row.name, "nameplate_power_w", "below that of its accelerators")
        if plate and row.typical_power_w and row.typical_power_w > plate:
            yield error("chassis", row.name, "typical_power_w", "above the nameplate")
        low, high = row.price_usd_low, row.price_usd_high
        if low is not None and high is not None and low > high:
            yield error("chassis", row.name, "price_usd_low", "above price_usd_high")
