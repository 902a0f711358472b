"""own_errors.csv: what own runs say of the deployments that were run, and of nothing else.

One row per deployment (network, accelerator, engine, format, degrees) and kind of quantity, with
the lengths and loads that it speaks for (`recommender.performance.own_reach`). Where the runs allow
no claim, there is no row, and errors stay those of the shipped tables. Left out: rows whose layout,
lengths or load are not reported, drafts, stand-ins for unknown models, engines of before 2024's
rewrites, and deployments over several nodes, whose network is not part of the row.
"""

import datetime
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.calibration import BasisError, Calibration, OwnError
from catalog.fitted_figures import FIGURES
from catalog.network import network
from recommender.accuracy.error_kind import error_kind
from recommender.accuracy.fit.conformal import RATES, SMALLEST
from recommender.accuracy.fit.different_runs import Run, different_runs
from recommender.accuracy.fit.folds import configuration_of
from recommender.accuracy.fit.in_words import counted
from recommender.accuracy.fit.own_margin import FEWEST_RUNS, FLOOR, OwnMargin, held_out, own_margin
from recommender.accuracy.interval import error_engines
from recommender.accuracy.question import Question
from recommender.accuracy.regime import is_reported
from recommender.accuracy.scenario_setting import setting_of
from recommender.errors import SpecError
from recommender.performance.layout_table import Floats
from recommender.performance.own_reach import REACH
from recommender.sizing.concurrency import mean_context_tokens

KINDS = ("tpot", "throughput")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A deployment with its row, or with too few runs for one."""

    name: str
    runs: int
    row: OwnError | None

    def __str__(self) -> str:
        """One line for people."""
        if self.row is None:
            return (
                f"{self.name}: errors as shipped; {counted(self.runs, 'different run')} (lengths or"
                f" requests in flight further apart than by chance), at least {FEWEST_RUNS} are"
                " needed for errors of its own"
            )
        least, most = self.row.least_context_tokens / REACH, self.row.most_context_tokens * REACH
        ends = "" if self.row.low is None else ", 90 % interval from them"
        return (
            f"{self.name}: errors of its own from {counted(self.runs, 'different run')}, deviation"
            f" {self.row.log_standard_deviation:.3f}{ends}; they speak for contexts of"
            f" {least:,.0f} to {most:,.0f} tokens and up to {self.row.most_sequences * REACH:g}"
            " sequences of a rank"
        )


def own_errors(
    questions: Sequence[Question], slowness: Floats, shipped: Calibration, *, source: str
) -> Iterator[Claimed]:
    """What the rows of one correction say of their deployments; `slowness` is
    log(measured time / predicted time) with the corrected constants, shape (n,).
    """
    every_run = _runs_by_deployment(questions)
    residuals = held_out(slowness, _folds(questions, every_run))
    fit = np.array([_speaks(question) for question in questions])
    deployments = [(error_kind(q), configuration_of(q)) for q in questions]
    for deployment in sorted({own for own, use in zip(deployments, fit, strict=True) if use}):
        if deployment[0] not in KINDS:
            continue
        index = [i for i, own in enumerate(deployments) if own == deployment and fit[i]]
        own = [questions[i] for i in index]
        runs = [every_run[i] for i in index]
        margin = own_margin(residuals[index], runs)
        row = None if margin is None else _row(own, margin, deployment[0], shipped, source)
        yield Claimed(_name(own[0], deployment[0]), len(set(runs)), row)


def count_runs(questions: Sequence[Question]) -> int:
    """Different runs of different deployments."""
    configurations = [configuration_of(question) for question in questions]
    return len(set(zip(configurations, _runs_by_deployment(questions), strict=True)))


def _runs_by_deployment(questions: Sequence[Question]) -> list[Run]:
    """What run of its deployment each row is of."""
    configurations = [configuration_of(question) for question in questions]
    runs: dict[int, Run] = {}
    for deployment in set(configurations):
        index = [row for row, own in enumerate(configurations) if own == deployment]
        own_runs = different_runs([questions[row] for row in index])
        runs |= dict(zip(index, own_runs, strict=True))
    return [runs[row] for row in range(len(questions))]


def _folds(questions: Sequence[Question], runs: Sequence[Run]) -> Sequence[Hashable]:
    """What is held out together with each row."""
    configurations = [configuration_of(question) for question in questions]
    if len(set(configurations)) > 1:
        return configurations
    lengths = [run[1:3] for run in runs]
    return lengths if len(set(lengths)) > 1 else runs


def _speaks(question: Question) -> bool:
    scenario = question.scenario
    return (
        is_reported(question)
        and scenario.lengths_reported
        and scenario.concurrency is not None
        and not scenario.guessed_model
        and not question.load.speculated_tokens
        and scenario.cell == scenario.engine
        and scenario.accelerators / scenario.replicas <= scenario.accelerator.accelerators_per_node
    )


def _name(question: Question, kind: str) -> str:
    one = question.scenario
    degrees = {"tp": one.tp, "pp": one.pp, "adp": one.adp, "ep": one.ep}
    cut = " ".join(f"{key} {value:g}" for key, value in degrees.items() if value > 1)
    where = f"{one.accelerator.name} {cut}".strip()
    return f"{one.model.id} {one.weights.name} with {one.engine} on {where}, {kind}"


def _row(
    own: Sequence[Question], margin: OwnMargin, kind: str, shipped: Calibration, source: str
) -> OwnError:
    """The row, held to its floor."""
    one = own[0].scenario
    surest = shipped.find_error(basis="known", kind=kind, engines=error_engines(own[0]))
    if surest is None:
        raise SpecError(f"errors.csv has no row of basis known, kind {kind}")
    low, high = _ends(margin, kind, surest)
    bits, tp, pp, adp, ep = setting_of(one)
    return OwnError.model_validate(
        {
            "network": network(one.model), "accelerator": one.accelerator.name,
            "engine": one.engine, "weight_bits": bits, "tp": tp, "pp": pp, "adp": adp, "ep": ep,
            "rows": len(own), "kind": kind, "runs": margin.runs, **_reach(own),
            "log_standard_deviation": round(
                max(margin.slow, FLOOR * surest.log_standard_deviation), 4
            ),
            "low": low, "high": high,
            **{figure: getattr(one.accelerator, figure) for figure in FIGURES},
            "source": source, "verification": "derived", "date": datetime.date.today(),
        }
    )  # fmt: skip


def _ends(margin: OwnMargin, kind: str, surest: BasisError) -> tuple[float | None, float | None]:
    """Percentiles of log(measured / predicted); rates are inverse times."""
    if margin.ends is None or surest.low is None or surest.high is None:
        return None, None
    fast, slow = margin.ends
    low, high = (-slow, -fast) if kind in RATES else (fast, slow)
    floors = FLOOR * surest.low, FLOOR * surest.high
    return round(min(low, floors[0], -SMALLEST), 4), round(max(high, floors[1], SMALLEST), 4)


def _reach(own: Sequence[Question]) -> dict[str, float]:
    """Lengths and loads of the runs."""
    inputs = np.array([question.scenario.input_tokens or 0.0 for question in own])
    outputs = np.array([question.scenario.output_tokens or 1.0 for question in own])
    contexts = np.asarray(
        mean_context_tokens(
            mean_output_tokens=outputs,
            mean_input_times_output=inputs * outputs,
            mean_output_squared=outputs**2,
        )
    )
    ratios = inputs / outputs
    return {
        "least_context_tokens": float(contexts.min()),
        "most_context_tokens": float(contexts.max()),
        "least_prompt_per_output": round(float(ratios.min()), 6),
        "most_prompt_per_output": round(float(ratios.max()), 6),
        "most_sequences": max(question.scenario.concurrency or 0.0 for question in own),
    }
