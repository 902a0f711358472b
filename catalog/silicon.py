"""Kinds of silicon that reach like shares of their datasheets, and what an unmeasured one inherits.

An architecture that is sold with stacked memory and with graphics memory is two chips: B200 and
RTX PRO 6000 share a name, but neither memory system nor matrix instructions. Where nothing of a
kind was measured, it takes what its nearest relative reaches:

    Hopper -> Blackwell -> Blackwell Ultra, Blackwell GDDR
    Hopper -> Ampere -> Ada, Turing, Volta, Ampere GDDR
    CDNA3 -> CDNA2, CDNA4
"""

from catalog.schema import Accelerator

PARENTS = {
    "Blackwell Ultra": "Blackwell", "Blackwell": "Hopper", "Ampere": "Hopper", "Ada": "Ampere",
    "Turing": "Ampere", "Volta": "Ampere", "CDNA2": "CDNA3", "CDNA4": "CDNA3",
}  # fmt: skip
WITH_STACKED_MEMORY = ("Ampere", "Blackwell")
"""Architectures that are sold with stacked memory as well as with other memory."""
SMALL_FORMS = ("consumer", "workstation PCIe")
"""Forms without stacked memory, for rows that do not state theirs."""


def silicon(accelerator: Accelerator) -> str:
    """The kind of silicon of an accelerator: `Hopper`, `Blackwell GDDR`, ..."""
    name, memory = accelerator.architecture, accelerator.memory_type
    stacked = memory.startswith("HBM") if memory else accelerator.form not in SMALL_FORMS
    if name not in WITH_STACKED_MEMORY or stacked:
        return name
    return f"{name} {'LPDDR' if 'LPDDR' in (memory or '') else 'GDDR'}"


def lineage(kind: str) -> tuple[str, ...]:
    """A kind of silicon after those it inherits from, the remotest first."""
    for memory in (" GDDR", " LPDDR"):
        if kind.endswith(memory):
            return (*lineage(kind.removesuffix(memory)), kind)
    parent = PARENTS.get(kind)
    return (kind,) if parent is None else (*lineage(parent), kind)
