"""Does the prediction choose well? The best measured configuration under a TPOT cap.

    python benchmarks/decision_test.py WHEEL [FILE.csv ...]

A case is one (model, accelerator, engine, lengths) of the runs inside the aiconfigurator-core
0.12.0 wheel with a TPOT cap of 15, 25 or 50 ms that some configuration keeps. Of the configurations
(precision, layout, concurrency) whose promised TPOT keeps the cap, the one with the best predicted
output tokens/s per accelerator is chosen. Predictions come from a fit that did not see that
configuration, and promise as plans do, for no version of the engine in particular:

    promised TPOT = predicted * exp(z * s)

z         quantile of the confidence (`recommender.enumeration.confidence`)
s         deviation of the configuration's engine, family and silicon in the shipped `errors.csv`
          (TPOT, calibrated: the configuration was not seen)
none      cases in which no configuration is promised to keep the cap
broken    chosen configurations whose measured TPOT breaks the cap
share     measured throughput of those that keep it, of the best measured that does
surprise  geometric mean of measured / predicted of the chosen, in TPOT and in throughput: what
          choosing the best-looking one costs, in the centre
promise   the same for measured / promised TPOT
"""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration, load_calibration
from recommender.accuracy.fit.measured import SPEEDS, read_measured
from recommender.accuracy.fit.training import Training, training
from recommender.accuracy.interval import error_engines
from recommender.accuracy.question import Question
from recommender.enumeration.confidence import deviations
from recommender.performance.layout_table import Floats

CAPS_S = (0.015, 0.025, 0.050)
CONFIDENCES = (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70, 0.80, 0.90)
FEWEST_ROWS = 3
Case = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Runs:
    """Closed loops of one case, shape (n,)."""

    measured_s: Floats
    predicted_s: Floats
    deviation: Floats
    per_accelerator: Floats
    """Requests in flight per accelerator: over TPOT, output tokens/s per accelerator."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen configuration, and how it turned out."""

    broken: bool
    share: float
    log_surprise: float
    log_promise: float


def main() -> None:
    """Fit, hold out, choose, report."""
    wheel, files = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    measured = read_measured(files, wheel).of_kinds(SPEEDS)
    calibration = load_calibration()
    trained = training(measured.questions, measured.values, calibration)
    errors = trained.held_out_errors("configuration").planned
    report(runs_of_cases(trained, errors, calibration))


def report(cases: Sequence[Runs]) -> None:
    """Print the curve as a table."""
    print(f"{len(cases)} groups of configurations, caps of 15, 25 and 50 ms\n")
    print("| confidence | cases | none | broken | share | surprise | promise |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for confidence in CONFIDENCES:
        z = deviations(confidence)
        possible = [(runs, cap) for runs in cases for cap in CAPS_S if keeps(runs, cap)]
        found = [choose(runs, cap, z) for runs, cap in possible]
        chosen = [choice for choice in found if choice is not None]
        broken = np.mean([choice.broken for choice in chosen])
        share = np.mean([choice.share for choice in chosen if not choice.broken])
        surprise = np.exp(np.mean([choice.log_surprise for choice in chosen]))
        promise = np.exp(np.mean([choice.log_promise for choice in chosen]))
        print(
            f"| {confidence:.0%} | {len(chosen)} | {len(found) - len(chosen)} |"
            f" {100 * broken:.1f} % | {100 * share:.1f} % | {surprise:.3f} | {promise:.3f} |"
        )


def runs_of_cases(trained: Training, errors: Floats, calibration: Calibration) -> list[Runs]:
    """Cases with enough rows."""
    return [
        _runs(trained, errors, np.array(members), calibration)
        for members in _cases(trained).values()
        if len(members) >= FEWEST_ROWS
    ]


def _cases(trained: Training) -> Mapping[Case, list[int]]:
    groups: dict[Case, list[int]] = defaultdict(list)
    for index, question in enumerate(trained.questions):
        scenario, row = question.scenario, question.row
        if row.metric == "tpot_mean" and question.load.kind == "closed" and not row.notes:
            key = (scenario.model.id, scenario.accelerator.name, scenario.engine)
            groups[(*key, row.input_tokens, row.output_tokens)].append(index)
    return groups


def _runs(
    trained: Training, errors: Floats, members: npt.NDArray[np.intp], calibration: Calibration
) -> Runs:
    measured = np.exp(trained.data.log_value[members])
    questions = [trained.questions[int(index)] for index in members]
    return Runs(
        measured_s=measured,
        predicted_s=measured * np.exp(-errors[members]),
        deviation=np.array([_deviation(question, calibration) for question in questions]),
        per_accelerator=np.array(
            [(q.row.concurrency or 1.0) / q.scenario.accelerators for q in questions]
        ),
    )


def _deviation(question: Question, calibration: Calibration) -> float:
    return calibration.log_error(basis="calibrated", engines=error_engines(question))


def keeps(runs: Runs, cap_s: float) -> bool:
    """Whether some measured configuration keeps the cap."""
    return bool((runs.measured_s <= cap_s).any())


def choose(runs: Runs, cap_s: float, z: float) -> Choice | None:
    """The configuration that looks best; None when nothing is promised."""
    promised_s = runs.predicted_s * np.exp(z * runs.deviation)
    allowed = promised_s <= cap_s
    if not allowed.any():
        return None
    looks = np.where(allowed, runs.per_accelerator / runs.predicted_s, -np.inf)
    best = int(np.argmax(looks))
    rate = runs.per_accelerator / runs.measured_s
    return Choice(
        broken=bool(runs.measured_s[best] > cap_s),
        share=float(rate[best] / rate[runs.measured_s <= cap_s].max()),
        log_surprise=float(np.log(runs.measured_s[best] / runs.predicted_s[best])),
        log_promise=float(np.log(runs.measured_s[best] / promised_s[best])),
    )


if __name__ == "__main__":
    main()
