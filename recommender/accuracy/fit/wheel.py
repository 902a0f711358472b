"""The measured end-to-end runs inside the aiconfigurator-core wheel, as measurement rows.

`systems/silicon_sample.csv` of aiconfigurator-core 0.12.0 (Apache-2.0) holds runs of
TensorRT-LLM, vLLM and SGLang: closed loops at a concurrency, with mean TTFT and TPOT. The wheel
is read where the user has it (a .whl file or the installed package); nothing of it is shipped.

In some rows tensor and expert sizes of the same accelerators are multiplied (tp 64 = 8 x 8; not
where attention ranks are blank); those are read as one group. Expert-parallel runs of vLLM are
listed with their accelerators once more as attention ranks (tp 4, dp 4, ep 16): the same runs of
Kimi-K2.5 are also there as tp 4, dp 1, ep 4, and MiniMax-M2.5 on H100 waits for room as four
accelerators would, so they are read as that. Blank attention ranks are as many as the experts are
spread over beyond tp (Qwen3-235B, tp 1 and experts over 2: it fits on no one H200). A blank
precision is that of the checkpoint, not fp8: these runs are of Qwen3-32B and Llama-3.1-8B, and no
faster than bf16 allows (on one H100 the first is so large that most of 16 requests wait). Nor is it
said how the cache was kept: of vLLM on Blackwell it is read as 8 bits where weights are narrower
than 16. Of its 44 runs with more requests in flight than 16 bits have room for, the first tokens of
43 came as 8 bits let them (within three times), and those of 5 as 16 bits would; 31 of them have
room in 8 bits, and are fitted and scored since.

Rows of larger groups are left out, those of separate pools are in `decode_pools`. Runs behind the
Dynamo frontend are left out as well: their concurrency is that of a fleet whose number of replicas
is not reported, so that repeated settings disagree by up to five times. A run that is listed more
than once (under several versions, rounded, or as DeepSeek-V3 and as DeepSeek-R1, which are one
network) counts once.
"""

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

SAMPLE = "aiconfigurator_core/systems/silicon_sample.csv"
_ENGINES = {"trtllm": "TensorRT-LLM", "vllm": "vLLM", "sglang": "SGLang"}
_SYSTEMS = {
    "h100_sxm": "H100", "h200_sxm": "H200", "b200_sxm": "B200", "b300_sxm": "B300",
    "gb200": "GB200", "gb300": "GB300", "a100_sxm": "A100", "l40s": "L40S",
}  # fmt: skip
_BLACKWELL = ("b200_sxm", "b300_sxm", "gb200", "gb300")
FLEET_FRONTEND = "dynamo"
_RUN = (
    "model", "precision_weights", "engine", "gpu", "tp", "dp", "ep", "isl", "osl",
    "concurrency_or_batch",
)  # fmt: skip
ROUNDED = 1e-3
"""Runs of one setting whose values are all as close as this, relatively, are one, listed twice."""
_SQUARES = (4, 16, 64)
_SIZES = (1, 2, 4, 8)
CONCURRENCY = re.compile(r"silicon_concurrency=(\d+)")
_MEASURED = re.compile(r"measured=(\d{4}-\d\d)")

Record = dict[str, str]


def wheel_records(path: Path) -> Iterator[Record]:
    """Measurement rows of a wheel, or of the folder that it was installed to.

    Raises
    ------
    FileNotFoundError
        The sample is not there.
    """
    rows = csv.DictReader(io.StringIO(sample_text(path)))
    yield from first_of_each(list(_records(row)) for row in rows)


def first_of_each(runs: Iterable[list[Record]]) -> Iterator[Record]:
    """Records of runs that were not listed before."""
    seen: dict[tuple[str, ...], list[list[float]]] = {}
    for records in runs:
        if not records:
            continue
        setting = tuple(records[0][name].replace("DeepSeek-V3", "DeepSeek-R1") for name in _RUN)
        values = [float(record["value"]) for record in records]
        known = seen.setdefault(setting, [])
        if not any(_same(values, other) for other in known):
            known.append(values)
            yield from records


def _same(values: list[float], others: list[float]) -> bool:
    pairs = zip(values, others, strict=True)
    return all(math.isclose(value, other, rel_tol=ROUNDED) for value, other in pairs)


def sample_text(path: Path) -> str:
    """The table of runs.

    Raises
    ------
    FileNotFoundError
        The sample is not there.
    """
    if path.is_dir():
        return (path / SAMPLE).read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as wheel:
        if SAMPLE not in wheel.namelist():
            raise FileNotFoundError(f"{path} holds no {SAMPLE}")
        return wheel.read(SAMPLE).decode("utf-8")


def _records(row: Record) -> Iterator[Record]:
    cut = _cut(row)
    origin = row["silicon_data_source"]
    common = described(row)
    if row["mode"] != "agg" or cut is None or common is None or FLEET_FRONTEND in origin:
        return
    tp, ranks, experts = cut
    stated = CONCURRENCY.search(origin)
    common |= {
        "gpu_count": str(tp * ranks),
        "tp": str(tp),
        "dp": str(ranks),
        "ep": str(experts),
        "concurrency_or_batch": stated[1] if stated else row["batch_size"],
    }
    yield {**common, "kind": "tpot", "metric": "tpot_mean", "value": row["silicon_tpot_ms"]}
    yield {**common, "kind": "ttft", "metric": "ttft_mean", "value": row["silicon_ttft_ms"]}


def described(row: Record) -> Record | None:
    """Model, engine, accelerator and lengths of a run; None on accelerators that are not known."""
    if row["system"] not in _SYSTEMS:
        return None
    day = _MEASURED.search(row["silicon_data_source"])
    return {
        "id": row["id"],
        "model": "GLM-5" if "GLM-5" in row["model_path"] else row["model_path"],
        "precision_weights": "mxfp4" if "gpt-oss" in row["model_path"] else row["precision"],
        "precision_kv": _cache(row),
        "engine": _ENGINES[row["backend"]],
        "engine_version": day[1] if day else row["backend_version"],
        "gpu": _SYSTEMS[row["system"]],
        "pp": "1",
        "isl": row["isl"],
        "osl": row["osl"],
        "unit": "ms",
    }


def _cache(row: Record) -> str:
    """Format of the cache; blank is the engine's default."""
    narrow = row["precision"] not in ("", "bf16")
    return "fp8" if row["backend"] == "vllm" and row["system"] in _BLACKWELL and narrow else ""


def _cut(row: Record) -> tuple[int, int, int] | None:
    """(tp, attention ranks, expert ranks), or None for a group that is left out."""
    tp, experts, slices = (
        max(int(float(row[name] or 1)), 1) for name in ("tp_size", "moe_ep_size", "moe_tp_size")
    )
    ranks = max(int(float(row["attention_dp_size"] or experts * slices // tp)), 1)
    if tp > 1 and ranks == tp and experts == tp * ranks:
        return tp, 1, tp
    stated = bool(row["attention_dp_size"])
    if stated and tp in _SQUARES and experts == slices and experts * slices == tp:
        tp = experts
    if tp == 1 and ranks in _SQUARES and experts**2 == ranks:
        ranks = experts
    if tp not in _SIZES or experts not in (1, tp * ranks):
        return None
    return tp, ranks, experts
