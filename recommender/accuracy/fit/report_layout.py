"""What a report states of the server that it measured, so that the flags cannot contradict it.

Load generators see an address only, but keep what they are told or can ask for: `vllm bench serve
--metadata tp=4` puts `tp` among the results, SGLang's generator the arguments of the server into
`server_info`.

    group = tp * pp * copies;    --tp is tp, --accelerators a multiple of the group

SGLang's data-parallel attention shares the accelerators of tp: there, copies are 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.errors import SpecError

PARTS = ("metadata", "server_info")
"""Of a report, where more settings are."""
WRITTEN = {
    "tp": ("tp", "tp_size", "tensor_parallel_size", "tensor_parallelism"),
    "pp": ("pp", "pp_size", "pipeline_parallel_size", "pipeline_parallelism"),
    "dp": ("dp", "dp_size", "data_parallel_size"),
    "accelerators": ("accelerators", "gpus", "gpu_count", "num_gpus", "n_gpus"),
}
SHARED = "enable_dp_attention"
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class StatedLayout:
    """Degrees and accelerators; None is not stated."""

    tp: int | None = None
    pp: int | None = None
    dp: int | None = None
    """Copies that have accelerators of their own."""
    accelerators: int | None = None

    @property
    def group(self) -> int:
        """Accelerators that work together."""
        return (self.tp or 1) * (self.pp or 1) * (self.dp or 1)

    def __str__(self) -> str:
        degrees = {"tp": self.tp, "pp": self.pp, "dp": self.dp}
        named = [f"{name} {value}" for name, value in degrees.items() if value]
        named += [f"{self.accelerators} accelerators"] if self.accelerators else []
        return ", ".join(named)


def stated_layout(content: Mapping[str, Any]) -> StatedLayout:
    """What a report states; what is no count says nothing."""
    settings = dict(_settings(content))
    found = {
        name: next((count for key in keys if (count := _count(settings.get(key)))), None)
        for name, keys in WRITTEN.items()
    }
    if str(settings.get(SHARED)).casefold() == "true":
        found["dp"] = None
    return StatedLayout(**found)


def check_layout(path: Path, stated: StatedLayout, *, accelerators: int, tp: int) -> None:
    """Refuse flags that contradict what a report states.

    Raises
    ------
    SpecError
        `--tp` is another, or `--accelerators` another or no multiple of the group.
    """
    others = stated.accelerators not in (None, accelerators)
    if stated.tp in (None, tp) and accelerators % stated.group == 0 and not others:
        return
    count = stated.accelerators or stated.group
    flags = f"--accelerators {count}" + (f" --tp {stated.tp}" if stated.tp else "")
    raise SpecError(
        f"{path} states {stated}, which is not --accelerators {accelerators} --tp {tp}; its own"
        f" are {flags}"
    )


def _settings(content: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names in small letters with underscores; what a report says itself comes last, and counts."""
    parts = [part for name in PARTS if isinstance(part := content.get(name), dict)]
    for part in (*parts, content):
        for name, value in part.items():
            yield name.casefold().replace("-", "_"), value


def _count(value: object) -> int | None:
    """A count from 1; metadata are texts."""
    try:
        count = int(value) if isinstance(value, (int, str)) else 0
    except ValueError:
        return None
    return count if 1 <= count <= MOST else None
