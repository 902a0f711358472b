"""Reports of load generators as measurement rows: `vllm bench serve` and GuideLLM JSON.

Such a report says what was measured but not on what: accelerator, count, tensor parallelism and
precision come from the caller (`Bench`). A file may hold several results, one JSON document after
the other, as `vllm bench serve --append-result` leaves it.

Where a run had a rate and no limit on concurrency, the mean concurrency follows from Little's law:

    requests in flight = completed requests per second * (TTFT + (output - 1) * TPOT)
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.errors import SpecError
from recommender.units import MILLI

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
    rows: list[Record] = []
    for content in _documents(path):
        if isinstance(content, dict) and "benchmarks" in content:
            rows += _guidellm(content, bench)
        elif isinstance(content, dict) and "mean_tpot_ms" in content:
            rows += _vllm_bench(content, bench)
        else:
            raise SpecError(f"{path} is neither a `vllm bench serve` result nor a GuideLLM report")
    if not rows:
        raise SpecError(f"{path} holds no run with a concurrency, lengths and latencies")
    return rows


def _documents(path: Path) -> Iterator[Any]:
    """The JSON documents of a file, one after the other."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SpecError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SpecError(f"{path} is not UTF-8 text") from None
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        at += len(text[at:]) - len(text[at:].lstrip())
        try:
            content, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise SpecError(f"{path} is not JSON: {error}") from None
        yield content


def _vllm_bench(content: Mapping[str, Any], bench: Bench) -> Iterator[Record]:
    try:
        completed = float(content.get("completed") or content["num_prompts"])
        inputs = float(content["total_input_tokens"]) / completed
        outputs = float(content["total_output_tokens"]) / completed
        tpot_ms, ttft_ms = float(content["mean_tpot_ms"]), float(content["mean_ttft_ms"])
        in_flight = _in_flight(content, completed, outputs, tpot_ms=tpot_ms, ttft_ms=ttft_ms)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return
    yield from _rows(
        bench,
        model=content.get("model_id"),
        concurrency=in_flight,
        inputs=inputs,
        outputs=outputs,
        tpot_ms=tpot_ms,
        ttft_ms=ttft_ms,
    )


def _in_flight(
    content: Mapping[str, Any], completed: float, outputs: float, *, tpot_ms: float, ttft_ms: float
) -> float:
    """Requests in flight: at most the stated concurrency, at most all, in the mean by Little."""
    if content.get("max_concurrency"):
        return min(float(content["max_concurrency"]), completed)
    per_s = completed / float(content["duration"])
    return min(per_s * (ttft_ms + max(outputs - 1, 0) * tpot_ms) * MILLI, completed)


def _guidellm(content: Mapping[str, Any], bench: Bench) -> Iterator[Record]:
    asked = content.get("args")
    model = asked.get("model") if isinstance(asked, dict) else None
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
        except (KeyError, TypeError, ValueError):
            continue
        yield from _rows(
            bench,
            model=model,
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
