"""Reports of load generators as measurement rows: `vllm bench serve` and GuideLLM JSON.

Such a report says what was measured but not on what: accelerator, count, tensor parallelism and
precision come from the caller (`Bench`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.errors import SpecError

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Bench:
    """What a report leaves open."""

    accelerator: str
    accelerators: int
    tp: int
    precision: str
    engine: str
    model: str | None = None


def report_records(path: Path, bench: Bench) -> list[Record]:
    """TPOT and TTFT rows of a report.

    Raises
    ------
    SpecError
        The file is neither of the two formats, or lacks what a row needs.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SpecError(f"{path}: {error}") from None
    if isinstance(content, dict) and "benchmarks" in content:
        rows = list(_guidellm(content, bench))
    elif isinstance(content, dict) and "mean_tpot_ms" in content:
        rows = list(_vllm_bench(content, bench))
    else:
        raise SpecError(f"{path} is neither a `vllm bench serve` result nor a GuideLLM report")
    if not rows:
        raise SpecError(f"{path} holds no run with a concurrency, lengths and latencies")
    return rows


def _vllm_bench(content: Mapping[str, Any], bench: Bench) -> Iterator[Record]:
    completed = content.get("completed") or content.get("num_prompts")
    concurrency = content.get("max_concurrency")
    if not completed or not concurrency:
        return
    yield from _rows(
        bench,
        model=content.get("model_id"),
        concurrency=float(concurrency),
        inputs=content["total_input_tokens"] / completed,
        outputs=content["total_output_tokens"] / completed,
        tpot_ms=content["mean_tpot_ms"],
        ttft_ms=content["mean_ttft_ms"],
    )


def _guidellm(content: Mapping[str, Any], bench: Bench) -> Iterator[Record]:
    for run in content["benchmarks"]:
        metrics = run.get("metrics", {})
        try:
            means = {
                name: float(metrics[name]["successful"]["mean"])
                for name in (
                    "request_concurrency", "prompt_token_count", "output_token_count",
                    "inter_token_latency_ms", "time_to_first_token_ms",
                )
            }  # fmt: skip
        except (KeyError, TypeError):
            continue
        yield from _rows(
            bench,
            model=None,
            concurrency=means["request_concurrency"],
            inputs=means["prompt_token_count"],
            outputs=means["output_token_count"],
            tpot_ms=means["inter_token_latency_ms"],
            ttft_ms=means["time_to_first_token_ms"],
        )


def _rows(
    bench: Bench,
    *,
    model: str | None,
    concurrency: float,
    inputs: float,
    outputs: float,
    tpot_ms: float,
    ttft_ms: float,
) -> Iterator[Record]:
    common = {
        "model": bench.model or model or "",
        "precision_weights": bench.precision,
        "engine": bench.engine,
        "gpu": bench.accelerator,
        "gpu_count": str(bench.accelerators),
        "tp": str(bench.tp),
        "isl": f"{inputs:.1f}",
        "osl": f"{outputs:.1f}",
        "concurrency_or_batch": f"{concurrency:g}",
        "unit": "ms",
    }
    yield {**common, "kind": "tpot", "metric": "tpot_mean", "value": str(tpot_ms)}
    yield {**common, "kind": "ttft", "metric": "ttft_mean", "value": str(ttft_ms)}
