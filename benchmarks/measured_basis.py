"""How far step times from measured operators are off: what `--basis measured` may claim.

    python benchmarks/measured_basis.py WHEEL        needs the extra: pip install .[aic]

Closed-loop runs inside the aiconfigurator-core 0.12.0 wheel (none of them was used to make its
tables), of deployments that `recommender/performance/measured.py` covers. Per run with B sequences
in flight, prompts of i tokens and outputs of o:

    TPOT = t(B, i + o/2) + (B - 1)/o * [mixed(i, B) - t(B, i + o/2)]

as in `recommender/accuracy/timing.py` with a share kappa of 1. Prints the error by engine and kind
of model, as rows of `errors.csv` hold it: log(measured / predicted), its 5th and 95th percentile,
and the deviation (their distance over 3.29).
"""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

import catalog
from recommender.accuracy.fit.measured import read_measured
from recommender.accuracy.interval import error_engines
from recommender.accuracy.question import Question
from recommender.accuracy.resolve import CHUNK_TOKENS
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.measured import StepTimes, step_times

LOW, HIGH, WIDTH = 0.05, 0.95, 3.29


def main() -> None:
    """Predict, compare, print."""
    measured = read_measured([], Path(sys.argv[1])).of_kinds(("tpot",))
    errors: dict[str, list[float]] = defaultdict(list)
    for question, value in zip(measured.questions, measured.values, strict=True):
        predicted = _tpot_s(question)
        if predicted is not None:
            error = float(np.log(value / 1e3 / predicted))
            errors["*"].append(error)
            errors[error_engines(question)[-1]].append(error)
    print(f"{len(errors['*'])} of {len(measured.questions)} runs are covered")
    print(f"{'engine':14} {'rows':>5} {'median':>7} {'bias':>7} {'<=20 %':>7} low high deviation")
    for engine, found in sorted(errors.items()):
        own = np.array(found)
        relative = np.abs(np.expm1(-own))
        low, high = np.quantile(own, [LOW, HIGH])
        print(
            f"{engine:14} {len(own):5} {100 * np.median(relative):6.1f}%"
            f" {100 * np.expm1(-own.mean()):+6.1f}% {100 * (relative <= 0.2).mean():6.0f}%"
            f" {low:.3f} {high:.3f} {(high - low) / WIDTH:.3f}"
        )


def _tpot_s(question: Question) -> float | None:
    scenario = question.scenario
    times = _times(question)
    if times is None or scenario.concurrency is None:
        return None
    inputs, outputs = int(scenario.input_tokens or 0), int(scenario.output_tokens or 0)
    batch = max(round(scenario.concurrency), 1)
    context, chunk = inputs + outputs // 2, min(inputs, int(CHUNK_TOKENS))
    if question.load.kind == "static":  # a pool that only decodes
        return times.decode_s(batch, context)
    alone, mixed = times.decode_s(batch, context), times.mixed_s(chunk, batch, context)
    if alone is None or mixed is None:
        return None
    return alone + (batch - 1) / outputs * (mixed - alone) * inputs / chunk


def _times(question: Question) -> StepTimes | None:
    scenario = question.scenario
    accelerator = scenario.accelerator
    node = Hardware(accelerator, max(accelerator.accelerators_per_node, int(scenario.tp)))
    layout = Layout(
        scenario.weights.name,
        "fp8" if scenario.kv_bytes == 1.0 else "bf16",
        tp=int(scenario.tp),
        pp=int(scenario.pp),
        adp=int(scenario.adp),
        ep=int(scenario.ep),
    )
    return step_times(scenario.model, node, layout, scenario.engine)


if __name__ == "__main__":
    catalog.load()
    main()
