"""The words of an accelerator's name: `h100sxm5` is `h100` `sxm5`, `80 GB` is `80gb`.

Words that identify a chip (`h100`, `rtx` `pro` `6000`) are told from those of form and memory
(`sxm5`, `80gb`), and among the former the makers' series (`rtx`, `jetson`), which many leave out.
"""

import re
from functools import lru_cache

from catalog.schema import Accelerator

_WORD = re.compile(r"[a-z]+\d+[a-z]*|\d+[a-z]*|[a-z]+")
_MEMORY = re.compile(r"\d+gb?$")
_FORMS = frozenset(
    [
        "sxm", "sxm2", "sxm3", "sxm4", "sxm5", "pcie", "nvl", "nvl72", "oam", "server",
        "workstation", "max", "q", "edition", "custom", "blackwell", "per", "gpu", "on", "a",
        "board", "of", "radeon", "hl",
    ]
)  # fmt: skip
_SERIES = frozenset(
    [
        "rtx", "rx", "apple", "dgx", "spark", "jetson", "agx", "pro", "quadro", "amd", "arc",
        "t5000",
    ]
)  # fmt: skip
_SPELLINGS = (
    (re.compile(r"_"), " "),
    (re.compile(r"geforce"), ""),
    (re.compile(r"sxm-"), "sxm "),
    (re.compile(r"(\d)\s*gi?b\b|(?<![a-z\d])(\d+)g\b"), r"\1\2gb"),
    (re.compile(r"\btrn(?=\d)"), "trainium"),
    (re.compile(r"\binf(?=\d)"), "inferentia"),
    (re.compile(r"\b(gaudi|trainium|inferentia)[ -](?=\d)"), r"\1"),
    (re.compile(r"\btpu(?=v\d)"), "tpu "),
    (re.compile(r"\b(rtx|rx|quadro|tesla|nvidia|amd)(?=a?\d)"), r"\1 "),
    (re.compile(r"(?<=\d)(super|ti|ada|xtx|xt)\b"), r" \1"),
    (re.compile(r"(?<=[\db])(?=(?:sxm|pcie|nvl|oam))"), " "),
    (re.compile(r"\b(sxm[2-5]?|pcie|nvl|oam)(?=\d{2,3}gb)"), r"\1 "),
)
"""One spelling of what is written in several ways: joined, cut, or short for another."""
_MAKERS = re.compile(
    r"\b(?:nvidia|amd|intel|aws|amazon|google|huawei|habana|tesla|instinct|geforce)\b"
)


def one_spelling(name: str) -> str:
    """A name in small letters, its words apart: `h100sxm5 80 GiB` is `h100 sxm5 80gb`."""
    text = name.casefold()
    for pattern, spelled in _SPELLINGS:
        text = pattern.sub(spelled, text)
    return text


@lru_cache(maxsize=4096)
def words_of(name: str) -> frozenset[str]:
    """The words of a name."""
    found = set(_WORD.findall(one_spelling(name)))
    if any(re.fullmatch(r"sxm\d", word) for word in found):
        found.add("sxm")
    return frozenset(found)


@lru_cache(maxsize=4096)
def bare_name(name: str) -> str:
    """A name without its maker, spaces and signs: `NVIDIA RTX-4090` is `rtx4090`."""
    return re.sub(r"[\W_]", "", _MAKERS.sub("", name.casefold()))


@lru_cache(maxsize=4096)
def chip_words(name: str) -> frozenset[str]:
    """Words that identify the chip of a row of this name."""
    return frozenset(
        word for word in words_of(name) if word not in _FORMS and not _MEMORY.fullmatch(word)
    )


def needed_words(row: Accelerator) -> frozenset[str]:
    """Those that no name of this chip is without."""
    chip = chip_words(row.name)
    return chip - _SERIES or chip
