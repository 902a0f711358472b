"""Reports of load generators as measurement rows: `vllm bench serve` and GuideLLM JSON.

Such a report says what was measured but not on what: accelerator, count, tensor parallelism and
precision come from the caller (`Bench`). A file may hold several results: one JSON document after
the other, as `vllm bench serve --append-result` leaves it, or a list of them.

Where a run had a rate, the mean concurrency follows from Little's law, up to the limit on it:

    requests in flight = completed requests per second * (TTFT + (output - 1) * TPOT)

The notes of a row keep how many requests its means are of and what was asked for (`100 requests, 16
at a time`), so that repetitions are told from other runs (`different_runs`).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.accuracy.engine_names import UNKNOWN, engine_key
from recommender.accuracy.fit.report_documents import documents
from recommender.accuracy.fit.report_layout import StatedLayout, check_layout, stated_layout
from recommender.errors import SpecError
from recommender.units import MILLI

Record = dict[str, str]
MOST_RUNS = 10_000
"""Of one file: no sweep has as many."""
LEAST_COMPLETED = 0.9
"""Share of the requests of a run: more failures than that are a run of something else."""
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What a report raises that lacks a number, or has something else in its place."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a report leaves open."""

    accelerator: str
    accelerators: int
    tp: int
    precision: str
    engine: str
    model: str | None = None


def report_records(path: Path, bench: Bench) -> tuple[list[Record], list[str]]:
    """TPOT and TTFT rows of a report, and why runs of it are left out.

    Raises
    ------
    SpecError
        The file is neither of the two formats, or lacks what a row needs.
    """
    rows: list[Record] = []
    reasons: list[str] = []
    for count, run in enumerate(_runs(path, bench)):
        if count == MOST_RUNS:
            raise SpecError(f"{path} holds more than {MOST_RUNS:,} runs; keep your own")
        if isinstance(run, str):
            reasons.append(run)
        else:
            rows += run
    if not rows:
        why = reasons[0] if reasons else "it lists none"
        raise SpecError(f"{path} holds no run to calibrate to: {why}")
    if any(not row["model"] for row in rows):
        raise SpecError(f"{path} does not say which model it ran; name its --model")
    return rows, [f"a run of {path.name}: {reason}" for reason in reasons]


def _runs(path: Path, bench: Bench) -> Iterator[list[Record] | str]:
    """Rows of each run, or why it is left out."""
    for content in documents(path):
        if isinstance(content, dict) and isinstance(content.get("benchmarks"), list):
            layout = _checked_layout(path, content, bench)
            yield from (_guidellm(content, run, bench, layout) for run in content["benchmarks"])
        elif isinstance(content, dict) and "mean_tpot_ms" in content:
            _check_engine(path, content, bench)
            yield _vllm_bench(content, bench, _checked_layout(path, content, bench))
        else:
            raise SpecError(f"{path} is neither a `vllm bench serve` result nor a GuideLLM report")


def _checked_layout(path: Path, content: Mapping[str, Any], bench: Bench) -> StatedLayout:
    layout = stated_layout(content)
    check_layout(path, layout, accelerators=bench.accelerators, tp=bench.tp)
    return layout


def _check_engine(path: Path, content: Mapping[str, Any], bench: Bench) -> None:
    """Refuse a report that says it is of another engine; `openai` and such say nothing."""
    backend = content.get("backend") or content.get("endpoint_type")
    stated = engine_key(backend) if isinstance(backend, str) else UNKNOWN
    if stated not in (UNKNOWN, engine_key(bench.engine)):
        raise SpecError(f"{path} is of backend {backend!r}, not of --engine {bench.engine}")


def _vllm_bench(
    content: Mapping[str, Any], bench: Bench, layout: StatedLayout
) -> list[Record] | str:
    try:
        completed = float(content["completed" if "completed" in content else "num_prompts"])
        sent = float(content.get("num_prompts") or completed)
        if completed == 0:
            return _nothing_measured(sent)
        inputs = float(content["total_input_tokens"]) / completed
        outputs = float(content["total_output_tokens"]) / completed
        tpot_ms, ttft_ms = float(content["mean_tpot_ms"]), float(content["mean_ttft_ms"])
        in_flight = _in_flight(content, completed, outputs, tpot_ms=tpot_ms, ttft_ms=ttft_ms)
        notes = _notes(completed, rate=_rate(content), limit=content.get("max_concurrency"))
    except UNREADABLE as error:
        return _unreadable(error)
    if not _rate(content) > 0:
        return f"its request_rate {content.get('request_rate')} is not above 0"
    if content.get("ramp_up_strategy"):
        return "its rate rises over the run"
    if completed > sent:
        return f"{completed:.0f} requests were completed, more than the {sent:.0f} that were sent"
    if completed < LEAST_COMPLETED * sent:
        return f"only {completed:.0f} of {sent:.0f} requests were completed"
    model = content.get("model_id")
    return _rows(
        bench,
        layout,
        model=model if isinstance(model, str) else "",
        concurrency=in_flight,
        inputs=inputs,
        outputs=outputs,
        tpot_ms=tpot_ms,
        ttft_ms=ttft_ms,
        notes=notes,
    )


def _nothing_measured(sent: float) -> str:
    """Of a run without an answer, whose means are zeros."""
    of = f"of {sent:.0f} requests none" if sent > 0 else "no request"
    return f"{of} was completed, so nothing was measured; see the log of its server"


def _unreadable(error: Exception) -> str:
    """What a run lacks, or has in the wrong form."""
    return (
        f"it lacks {error.args[0]}" if isinstance(error, KeyError) else "its figures are no numbers"
    )


def _in_flight(
    content: Mapping[str, Any], completed: float, outputs: float, *, tpot_ms: float, ttft_ms: float
) -> float:
    """Requests in flight: at most the stated concurrency, at most all; in the mean by Little where
    requests came at a rate, or nothing limits them.
    """
    most = min(float(content.get("max_concurrency") or math.inf), completed)
    if content.get("max_concurrency") and math.isinf(_rate(content)):
        return most
    per_s = completed / float(content["duration"])
    return min(per_s * (ttft_ms + max(outputs - 1, 0) * tpot_ms) * MILLI, most)


def _rate(content: Mapping[str, Any]) -> float:
    """Requests per second that were asked for; `inf`, as many as may be in flight, is usual."""
    return float(content.get("request_rate") or math.inf)


def _notes(requests: float, *, rate: float, limit: object) -> str:
    """How many requests the means are of, and what was asked for."""
    notes = f"{requests:.0f} requests"
    if math.isfinite(rate):
        return f"{notes}, {rate:g} per s"
    return f"{notes}, {float(limit):g} at a time" if isinstance(limit, (int, float)) else notes


def _guidellm(
    content: Mapping[str, Any], run: Any, bench: Bench, layout: StatedLayout
) -> list[Record] | str:
    try:
        metrics = run["metrics"]
        totals = metrics.get("request_totals") or run.get("request_totals") or {}
        good, failed = float(totals.get("successful") or 0), float(totals.get("errored") or 0)
        if failed > 0 and good == 0:
            return _nothing_measured(failed)
        means = {
            name: float(metrics[name]["successful"]["mean"])
            for name in (
                "prompt_token_count", "output_token_count", "inter_token_latency_ms",
                "time_to_first_token_ms",
            )
        }  # fmt: skip
        served = metrics["request_concurrency"]  # of all, also of those cut off at the end
        in_flight = float((served.get("total") or served["successful"])["mean"])
        notes = _guidellm_notes(run)
    except UNREADABLE as error:
        return _unreadable(error)
    if failed > (1 - LEAST_COMPLETED) * (good + failed):
        return f"{failed:.0f} of {good + failed:.0f} requests failed"
    return _rows(
        bench,
        layout,
        model=_text(content, "args", "model") or _text(run, "worker", "backend_model"),
        concurrency=in_flight,
        inputs=means["prompt_token_count"],
        outputs=means["output_token_count"],
        tpot_ms=means["inter_token_latency_ms"],
        ttft_ms=means["time_to_first_token_ms"],
        notes=notes,
    )


def _guidellm_notes(run: Mapping[str, Any]) -> str:
    """Of a run of GuideLLM: before 0.4 its strategy is in `args`, with `streams`."""
    requests = run["metrics"]["prompt_token_count"]["successful"].get("count")
    asked = (run.get("config") or run.get("args") or {}).get("strategy") or {}
    if not requests:
        return ""
    limit = asked.get("streams") or asked.get("max_concurrency")
    return _notes(float(requests), rate=float(asked.get("rate") or math.inf), limit=limit)


def _text(content: Mapping[str, Any], part: str, name: str) -> str:
    """A text inside a part of a report; blank where there is none.

    GuideLLM names the model in the arguments of the report, before 0.4 in the worker of each run.
    """
    inside = content.get(part)
    value = inside.get(name) if isinstance(inside, dict) else None
    return value if isinstance(value, str) else ""


def _rows(
    bench: Bench,
    layout: StatedLayout,
    *,
    model: str,
    concurrency: float,
    inputs: float,
    outputs: float,
    tpot_ms: float,
    ttft_ms: float,
    notes: str,
) -> list[Record] | str:
    means = {
        "requests in flight": concurrency, "prompt tokens": inputs, "answer tokens": outputs,
        "TPOT in ms": tpot_ms, "TTFT in ms": ttft_ms,
    }  # fmt: skip
    for name, mean in means.items():
        if not 0 <= mean < math.inf:
            return f"its mean {name} is {mean:g}, which nobody measures"
    common = {
        "model": bench.model or model,
        "precision_weights": bench.precision,
        "engine": bench.engine,
        "gpu": bench.accelerator,
        "gpu_count": str(bench.accelerators),
        "tp": str(bench.tp),
        "pp": _above_one(layout.pp),
        "dp": _above_one(layout.dp),
        "isl": f"{inputs:.1f}",
        "osl": f"{outputs:.1f}",
        "concurrency_or_batch": f"{concurrency:g}",
        "unit": "ms",
        "notes": notes,
    }
    return [
        {**common, "kind": "tpot", "metric": "tpot_mean", "value": str(tpot_ms)},
        {**common, "kind": "ttft", "metric": "ttft_mean", "value": str(ttft_ms)},
    ]


def _above_one(degree: int | None) -> str:
    """A degree that changes something; a copy is also one where others stand beside it."""
    return str(degree) if degree and degree > 1 else ""
