"""Does the prediction choose well? The best measured configuration under a TPOT cap.

    python benchmarks/decision_test.py WHEEL [FILE.csv ...]

A case is one (model, accelerator, engine, lengths) of the runs inside the aiconfigurator-core
0.12.0 wheel with a TPOT cap of 15, 25 or 50 ms that some configuration keeps. The configuration
(precision, layout, concurrency) with the best predicted output tokens/s per accelerator under
the cap is chosen by predictions that were fitted without that configuration. Reported by
confidence z (predicted TPOT times exp(z * its standard error) must keep the cap):

broken    chosen configurations whose measured TPOT breaks the cap
share     measured throughput of the chosen one, of the best measured one that keeps the cap
surprise  geometric mean of measured / promised TPOT of the chosen ones
"""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from catalog.calibration import load_calibration
from recommender.accuracy.fit.measured import SPEEDS, read_measured
from recommender.accuracy.fit.training import Training, training
from recommender.performance.layout_table import Floats

CAPS_S = (0.015, 0.025, 0.050)
CONFIDENCES = {"50 %": 0.0, "70 %": 0.524, "80 %": 0.842, "90 %": 1.282}


def main() -> None:
    """Fit, hold out, choose, report."""
    wheel, files = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    measured = read_measured(files, wheel).of_kinds(SPEEDS)
    trained = training(measured.questions, measured.values, load_calibration())
    errors = trained.held_out_errors("configuration")
    cases = _cases(trained)
    print(f"{len(cases)} groups of configurations")
    print(f"{'confidence':>10} {'cases':>6} {'none':>5} {'broken':>7} {'share':>7} {'surprise':>9}")
    for name, z in CONFIDENCES.items():
        chosen, none, broken, shares, surprises = 0, 0, 0, [], []
        for members in cases.values():
            for cap in CAPS_S:
                found = _choose(trained, errors, np.array(members), cap, z)
                if found is None:
                    continue
                if np.isnan(found[0]):
                    none += 1
                    continue
                chosen += 1
                broken += found[0] > cap
                shares.append(found[1])
                surprises.append(found[2])
        kept = [share for share in shares if not np.isnan(share)]
        print(
            f"{name:>10} {chosen:6} {none:5} {100 * broken / chosen:6.1f}%"
            f" {100 * float(np.mean(kept)):6.1f}% {np.exp(np.mean(surprises)):9.3f}"
        )


def _cases(trained: Training) -> dict[tuple[object, ...], list[int]]:
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, question in enumerate(trained.questions):
        scenario, row = question.scenario, question.row
        if row.metric == "tpot_mean" and question.load.kind == "closed" and not row.notes:
            key = (scenario.model.id, scenario.accelerator.name, scenario.engine)
            groups[(*key, row.input_tokens, row.output_tokens)].append(index)
    return {key: members for key, members in groups.items() if len(members) > 2}


def _choose(
    trained: Training, errors: Floats, members: np.ndarray, cap: float, z: float
) -> tuple[float, float, float] | None:
    """(measured TPOT, share of the best, log surprise); NaN when nothing is promised."""
    measured = np.exp(trained.data.log_value[members])
    predicted = measured * np.exp(-errors[members])
    questions = [trained.questions[index] for index in members]
    per_accelerator = np.array(
        [(q.row.concurrency or 1.0) / q.scenario.accelerators for q in questions]
    )
    keeps = measured <= cap
    if not keeps.any():
        return None
    deviation = float(np.nanstd(errors))
    promised = predicted * np.exp(z * deviation) <= cap
    if not promised.any():
        return np.nan, np.nan, np.nan
    best = np.flatnonzero(promised)[np.argmax((per_accelerator / predicted)[promised])]
    rate = per_accelerator / measured
    share = rate[best] / rate[keeps].max() if keeps[best] else np.nan
    return float(measured[best]), float(share), float(errors[members][best])


if __name__ == "__main__":
    main()
