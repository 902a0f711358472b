"""Which engine a published name means, and from which year its version is.

Key         Engines
vllm        vLLM and its forks
sglang      SGLang
trtllm      TensorRT-LLM
tensorrt    TensorRT with a submitter's own server (MLPerf): the same kernels, tuned
llama.cpp   llama.cpp, Ollama
neuron      AWS Neuron libraries
compiled    MLC, TurboMind, ExLlama, CTranslate2: compiled or hand-written kernels
eager       PyTorch, DeepSpeed, transformers and others without a serving engine
unknown     not reported, or a name that is none of these: the mean of all engines
"""

import re
from functools import lru_cache
from itertools import pairwise

_KEYS = (
    ("vllm", r"vllm|aphrodite|llmboost"),
    ("sglang", r"sglang"),
    ("trtllm", r"tensorrt-?llm|trt-?llm"),
    ("tensorrt", r"tensorrt"),
    ("llama.cpp", r"llama\.?cpp|ollama"),
    ("neuron", r"neuron|nxd"),
    ("compiled", r"mlc|turbomind|lmdeploy|exllama|ctranslate|ctransformers"),
)
_EAGER = re.compile(
    r"torch|transformers|hugging|accelerate|deepspeed|megatron|awq|foundry|fsdp|sambaflow|eager"
)
EAGER = "eager"
UNKNOWN = "unknown"
SERVING_ENGINES = ("vLLM", "SGLang", "TensorRT-LLM", "llama.cpp")
"""Names to suggest."""
LAST_YEAR = 2026.5
"""Later versions are read as of this date: none of them was fitted."""
_DATE = re.compile(r"(?<!\d)(20[23]\d)(?:-?(0[1-9]|1[0-2]))?")
_NUMBERS = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?!\d)(?:\.(\d{1,4})(?!\d))?")
_OF_A_LINE = "5"
"""Patch of a version that states none: the middle of its line."""

_YEARS = {
    "vllm": (("0.2", 2023.8), ("0.6", 2024.7), ("0.9", 2025.4), ("0.12", 2025.9), ("0.19", 2026.2)),
    "sglang": (
        ("0.3.0", 2024.7), ("0.4.0", 2024.92), ("0.4.6", 2025.32), ("0.4.9", 2025.51),
        ("0.5.2", 2025.70), ("0.5.6", 2025.92), ("0.5.9", 2026.15),
    ),
    "trtllm": (
        ("0.5", 2023.8), ("0.9", 2024.3), ("0.14", 2024.8), ("0.20", 2025.4551), ("1.0", 2025.7),
        ("1.3", 2026.2),
    ),
    "tensorrt": (
        ("8.6", 2023.5), ("9.0", 2024.0), ("10.0", 2024.4), ("10.8", 2025.2), ("10.13", 2025.6),
    ),
}  # fmt: skip
"""Release dates of versions, recalled; years between them are read off linearly.

Lines of SGLang last most of a year, so that its patches have dates: those of their wheels.
"""


@lru_cache(maxsize=1024)
def engine_key(name: str) -> str:
    """The key of an engine's published name."""
    text = name.casefold()
    if not text or text == "unset":
        return UNKNOWN
    named = next((key for key, pattern in _KEYS if re.search(pattern, text)), "")
    return named or (EAGER if _EAGER.search(text) else UNKNOWN)


@lru_cache(maxsize=1024)
def engine_year(name: str, version: str) -> float | None:
    """Year of an engine's version, with its fraction; None when it says nothing."""
    key = engine_key(name)
    if "splitwise" in name.casefold():
        return 2023.8  # a fork of that time
    if "aphrodite" in name.casefold() and not version:
        return 2024.5  # a fork of vLLM's first engine
    stated = _DATE.search(version)
    if stated:
        month = (int(stated[2]) - 0.5) / 12 if stated[2] else 0.0
        return min(float(stated[1]) + month, LAST_YEAR)
    numbers = _NUMBERS.match(version)
    known = _YEARS.get(key)
    if not numbers or known is None:
        return None
    patches = known[-1][0].count(".") == 2
    at = _ordinal(f"{numbers[1]}.{numbers[2]}.{(numbers[3] or _OF_A_LINE) if patches else 0}")
    points = [(_ordinal(released), year) for released, year in known]
    if at <= points[0][0]:
        return points[0][1]
    for (low, low_year), (high, high_year) in pairwise(points):
        if at <= high:
            return low_year + (high_year - low_year) * (at - low) / (high - low)
    return points[-1][1]


def _ordinal(version: str) -> float:
    """0.9 < 0.14 < 1.0 as versions: major * 100 + minor + patch / 100."""
    major, minor, *patch = version.split(".")
    return 100 * int(major) + int(minor) + (int(patch[0]) if patch else 0) / 100
