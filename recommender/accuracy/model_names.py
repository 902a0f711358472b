"""Which architecture a published model name means: `LLAMA3_70B`, `Qwen/Qwen3-8B-FP8`, `GPT-J-6B`.

In order: the catalogue's own look-up; the name without organisation, decoration (`-Instruct`,
`-2507`, `-FP8`) and separators; the catalogue name that begins with it (`Qwen3-30B`), where it is
the only one, or the only one of the size that the row states; and at last, when the row states a
size, a Llama-like model of that size, which is a guess and says so.

    layers L and width h of a dense model of N parameters:  N = 12*L*h^2,  h = 128*L^0.96

(the second is a line through the Llama, Qwen and Falcon families; it is within 20 % of them).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.network import network_sizes
from catalog.schema import LanguageModel

_DECORATION = re.compile(
    r"[-_ ](instruct|chat|it|hf|base|thinking|exp|preview|awq|gptq|fp8|fp4|nvfp4|bf16|int4|int8"
    r"|quantized\.w\d+a\d+|\d{4}|v0\.\d)$"
)
_SAME_ARCHITECTURE = {
    "llama7b": "llama27b",
    "llama13b": "llama213b",
    "codellama13b": "llama213b",
    "kimidev72b": "qwen2.572b",
    "rho1b": "tinyllama",
    "deepseekv3.1terminus": "deepseekv3.1",
}
"""Same shapes under another name (vocabularies differ by less than 1 % of the parameters)."""
BILLION = 1e9
STAND_IN = "unknown"
"""Family of a stand-in of a stated size: its heads are nobody's."""
STATED_SIZE = 0.1
"""Sizes are stated in round figures, and with or without embeddings."""


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """An architecture, and how it was found."""

    model: LanguageModel
    guessed: bool = False
    """True for a Llama-like stand-in of the stated size."""
    completed: bool = False
    """True where the published name is only the beginning of the model's."""


def index_models(rows: Iterable[LanguageModel]) -> dict[str, LanguageModel]:
    """Catalogue rows by plain name; rows of quantised checkpoints give way to others."""
    index: dict[str, LanguageModel] = {}
    for row in sorted(rows, key=lambda row: (row.native_quantisation is not None, len(row.id))):
        for name in (row.id, *row.aliases):
            index.setdefault(plain_name(name), row)
    return index


def resolve_model(
    name: str, index: Mapping[str, LanguageModel], *, total_params_b: float | None
) -> ResolvedModel | None:
    """The architecture of a published name; None when nothing is known of it."""
    plain = plain_name(name)
    plain = _SAME_ARCHITECTURE.get(plain, plain)
    if plain in index:
        return ResolvedModel(index[plain])
    completed = _completed(plain, index, total_params_b)
    if completed is not None:
        return ResolvedModel(completed, completed=True)
    if total_params_b:
        return ResolvedModel(_llama_like(name, total_params_b), guessed=True)
    return None


def _completed(
    plain: str, index: Mapping[str, LanguageModel], total_params_b: float | None
) -> LanguageModel | None:
    """The one model whose name begins with this one: all that do have the same sizes."""
    found = [(key, row) for key, row in index.items() if plain and key.startswith(plain)]
    if total_params_b:
        found = [pair for pair in found if _alike(pair[1].total_params_b, total_params_b)]
    else:  # the 3 of Llama-3 is no beginning of 30b
        found = [pair for pair in found if not (plain[-1] + pair[0][len(plain)]).isdigit()]
    if len({network_sizes(row) for _, row in found}) != 1:
        return None
    return min(found, key=lambda pair: len(pair[0]))[1]


def _alike(params_b: float, stated_b: float) -> bool:
    return abs(params_b / stated_b - 1) <= STATED_SIZE


def plain_name(name: str) -> str:
    """The name without organisation, decoration and separators."""
    text = re.sub(r"\(.*?\)", "", name.casefold()).strip().rsplit("/")[-1]
    text = text.removeprefix("meta-").removeprefix("nvidia-")
    previous = ""
    while previous != text:
        previous, text = text, _DECORATION.sub("", text)
    return re.sub(r"[-_ ]", "", text)


def _llama_like(name: str, total_params_b: float) -> LanguageModel:
    layers = max(round((total_params_b * BILLION / (12 * 128**2)) ** (1 / 2.92)), 4)
    heads = max(round(layers**0.96), 4)
    return LanguageModel(
        id=name,
        family=STAND_IN,
        architecture="Llama-like",
        attention="GQA",
        layers=layers,
        hidden=128 * heads,
        heads=heads,
        kv_heads=min(8, heads),
        head_dim=128,
        intermediate=round(128 * heads * 3.4),
        vocab=64000,
        native_dtype="bfloat16",
        native_precision="bf16",
        total_params_b=total_params_b,
        active_params_b=total_params_b,
        source="stand-in of the stated size",
        verification="derived",
    )
