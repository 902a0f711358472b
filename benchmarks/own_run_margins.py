"""Whether errors by own runs cover what they say: published runs in the place of a user's own.

    python benchmarks/own_run_margins.py RUNS.csv WHEEL        (as `recommend calibrate --refit`)

Of every published deployment with one version of its engine, n of its different runs are taken at
random 20 times over, as if they were all that a user had. Their median scales the prediction, their
held-out errors give margin and ends (`recommender.accuracy.fit.own_margin`), and the rest of the
deployment's runs within reach (`recommender.performance.own_reach`) are compared. Printed are means
over deployments: the share of the rest that the margin at 80 % and the 90 % interval cover, and the
deviation in multiples of the shipped `known` one, by floor. `as new silicon` predicts without what
was fitted for the deployment's silicon, as of an accelerator that nobody has measured.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from catalog.calibration import BasisError, Calibration, load_calibration
from catalog.silicon import silicon
from recommender.accuracy.fit.folds import configuration_of
from recommender.accuracy.fit.measured import Measured, read_measured
from recommender.accuracy.fit.own_margin import held_out, own_margin
from recommender.accuracy.fit.own_runs import log_slowness
from recommender.accuracy.interval import error_engines
from recommender.accuracy.question import Question
from recommender.accuracy.regime import is_reported
from recommender.enumeration.confidence import deviations
from recommender.performance.layout_table import Floats
from recommender.performance.own_reach import REACH

DRAWS = 20
Z = deviations(0.8)
RUNS = (10, 14, 19, 24)
FLOORS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Published:
    """One deployment: what its runs were, how slow each was, and what is shipped of it."""

    lengths: Floats
    """Prompt and output tokens, sequences of a rank, shape (runs, 3)."""
    slowness: Floats
    known: BasisError


def main() -> None:
    """Draw, claim, compare, print."""
    measured = read_measured([Path(sys.argv[1])], Path(sys.argv[2])).of_kinds(("tpot", "e2e"))
    measured = measured.where([_usable(question) for question in measured.questions])
    shipped = load_calibration()
    of_no_version = tuple(row for row in shipped.deviations if row.scope != "version")
    plans = replace(shipped, deviations=of_no_version)
    for name, slowness in (
        ("as shipped", log_slowness(measured, plans)),
        ("as new silicon", _as_new_silicon(measured, plans)),
    ):
        deployments = _published(measured.questions, slowness, shipped)
        for runs in RUNS:
            for floor in FLOORS:
                _print(name, runs, floor, deployments)


def _usable(question: Question) -> bool:
    return (
        is_reported(question)
        and question.load.kind == "closed"
        and not question.load.speculated_tokens
        and not question.scenario.guessed_model
    )


def _as_new_silicon(measured: Measured, plans: Calibration) -> Floats:
    """Slowness by constants without anything that was fitted for the row's kind of silicon."""
    places = np.array([silicon(question.scenario.accelerator) for question in measured.questions])
    found = np.empty(len(places))
    for place in sorted(set(places)):
        here = places == place
        names = {q.scenario.accelerator.name for q in measured.where(here).questions} | {place}
        without = replace(
            plans,
            architectures=tuple(a for a in plans.architectures if a.architecture != place),
            deviations=tuple(
                d
                for d in plans.deviations
                if d.name not in names and not d.name.endswith(f" on {place}")
            ),
        )
        found[here] = log_slowness(measured.where(here), without)
    return found


def _published(
    questions: tuple[Question, ...], slowness: Floats, shipped: Calibration
) -> list[Published]:
    """Deployments with the median of the rows of each run."""
    runs: dict[object, dict[tuple[float, ...], list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    known = {}
    for question, slower in zip(questions, slowness.tolist(), strict=True):
        one = question.scenario
        key = configuration_of(question), one.year
        run = one.input_tokens or 0.0, one.output_tokens or 1.0, one.concurrency or 1.0
        runs[key][run].append(slower)
        known[key] = shipped.find_error(basis="known", engines=error_engines(question))
    return [
        Published(np.array(list(own)), np.array([np.median(v) for v in own.values()]), row)
        for key, own in runs.items()
        if (row := known[key]) is not None
    ]


def _print(name: str, runs: int, floor: float, deployments: list[Published]) -> None:
    rng = np.random.default_rng(0)
    found = []
    for one in deployments:
        if len(one.slowness) < runs + 3:
            continue
        draws = [
            _covered(one, rng.permutation(len(one.slowness)), runs, floor) for _ in range(DRAWS)
        ]
        kept = [draw for draw in draws if draw is not None]
        if kept:
            found.append(np.mean(kept, axis=0))
    margin, usual, ends, width = np.mean(found, axis=0)
    print(
        f"{name:15} {runs:2} runs, floor {floor:.2f}, {len(found):3} deployments: margin covers"
        f" {margin:.3f} (shipped known {usual:.3f}), ends {ends:.3f}, deviation x {width:.2f}"
    )


def _covered(
    one: Published, order: np.ndarray, runs: int, floor: float
) -> tuple[float, float, float, float] | None:
    """Shares of the rest that margin, shipped margin and ends cover, and the deviation against the
    shipped one; no share of ends where runs are too few, None where nothing is within reach.
    """
    own, rest = order[:runs], order[runs:]
    near = _near(one.lengths[own], one.lengths[rest])
    if not near.any():
        return None
    lengths = [tuple(run[:2]) for run in one.lengths[own]]
    folds = lengths if len(set(lengths)) > 1 else list(range(runs))
    claim = own_margin(held_out(one.slowness[own], folds), list(range(runs)))
    assert claim is not None, "RUNS are enough"
    new = one.slowness[rest][near] - np.median(one.slowness[own])
    deviation = max(claim.slow, floor * one.known.log_standard_deviation)
    inside = np.nan
    if claim.ends is not None:
        low = min(claim.ends[0], floor * (one.known.low or 0.0))
        high = max(claim.ends[1], floor * (one.known.high or 0.0))
        inside = float(((new >= low) & (new <= high)).mean())
    return (
        float((new <= Z * deviation).mean()),
        float((new <= Z * one.known.log_standard_deviation).mean()),
        inside,
        deviation / one.known.log_standard_deviation,
    )


def _near(own: Floats, rest: Floats) -> np.ndarray:
    """Which of the rest own runs speak for."""
    context, new = own[:, 0] + own[:, 1] / 2, rest[:, 0] + rest[:, 1] / 2
    ratio, new_ratio = own[:, 0] / own[:, 1], rest[:, 0] / rest[:, 1]
    return np.asarray(
        (new >= context.min() / REACH) & (new <= context.max() * REACH)
        & (new_ratio >= ratio.min() / REACH) & (new_ratio <= ratio.max() * REACH)
        & (rest[:, 2] <= own[:, 2].max() * REACH)
    )  # fmt: skip


if __name__ == "__main__":
    main()
