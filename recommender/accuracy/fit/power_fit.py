"""The four constants of power, fitted to measured rows: what `recommender.sizing.power` holds.

    share of TDP   s_0 + (s_1 - s_0)*(1 - exp(-(e_r*R + e_c*bits/16*F)/TDP))

R and F come from predicted step times, so that the constants fit what predictions are made of.
Rows of a family of models, or of an accelerator, are held out in turn. Only the power of
accelerators is fitted: energy and nodes follow from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration
from recommender.accuracy.batch import batch_of
from recommender.accuracy.fit.fit_data import divisor
from recommender.accuracy.fit.measured import Measured
from recommender.accuracy.fit.solver import solve
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.question import Question
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.server_batch import server_batch
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats
from recommender.performance.work_rate import work_rate
from recommender.sizing import power

ACCELERATOR_POWER = ("power_all", "power_one", "power_share")
SCALES = np.array([1.0, 1.0, 1e-12, 1e-12])
"""Constants are fitted in shares and picojoules."""
DEVIATION = 0.1
"""Standard deviation of log(measured / predicted)."""
WIDE_PRIOR = 1e3
STEP = 1e-4


@dataclass(frozen=True, slots=True)
class PowerRows:
    """Rows of shape (n,)."""

    questions: tuple[Question, ...]
    share: Floats
    """Measured power over TDP."""
    read_w_per_j: Floats
    """Bytes per second over TDP: times J per byte, a share of TDP."""
    flop_w_per_j: Floats

    def log_share(self, constants: Floats) -> Floats:
        """Predicted logarithm of the share, shape (n,); constants s_0, s_1, e_r, e_c (pJ)."""
        quiet, saturated, read, compute = constants * SCALES
        work = read * self.read_w_per_j + compute * self.flop_w_per_j
        return np.asarray(np.log(quiet + (saturated - quiet) * (1 - np.exp(-work))))


def shipped_constants() -> Floats:
    """The constants of `sizing.power` in the units of the fit."""
    own = (
        power.QUIET_SHARE,
        power.SATURATED_SHARE,
        power.READ_J_PER_BYTE,
        power.COMPUTE_J_PER_FLOP,
    )
    return np.asarray(np.array(own) / SCALES)


def power_rows(measured: Measured, calibration: Calibration) -> PowerRows:
    """The rows that state the power of accelerators and are not marked as suspect."""
    pairs = [
        (question, value)
        for question, value in zip(measured.questions, measured.values, strict=True)
        if question.quantity.name in ACCELERATOR_POWER and "SUSPECT" not in question.row.notes
    ]
    questions = tuple(question for question, _ in pairs)
    scenarios, loads = [q.scenario for q in questions], [q.load for q in questions]
    table = scenario_table(scenarios, calibration)
    constants = load_constants(scenarios, calibration)
    batch = server_batch(table, constants, loads, batch_of(table, scenarios, loads))
    rate = work_rate(
        table.stage,
        step_s=Timing(table, constants, batch).tpot,
        sequences=batch,
        context=table.context,
        prompt_per_output=table.inputs / table.outputs,
    )
    own = np.array([value * divisor(question) for question, value in pairs])
    per = {"power_all": table.accelerators * table.tdp_w, "power_one": table.tdp_w}
    names = [question.quantity.name for question in questions]
    scale = [float(per[name][i]) if name in per else 1.0 for i, name in enumerate(names)]
    return PowerRows(
        questions,
        share=own / np.array(scale),
        read_w_per_j=rate.read * table.read_bytes_per_s / table.tdp_w,
        flop_w_per_j=rate.compute
        * table.flop_per_s
        * table.stage.compute_bits
        / 16.0
        / table.tdp_w,
    )


def fit_power(rows: PowerRows, keep: npt.NDArray[np.bool_]) -> Floats:
    """The constants that fit the kept rows."""

    def residuals(constants: Floats) -> Floats:
        errors = rows.log_share(constants) - np.log(rows.share)
        return np.asarray(errors[keep] / DEVIATION)

    def jacobian(constants: Floats) -> Floats:
        steps = np.maximum(np.abs(constants), 1.0) * STEP
        base = residuals(constants)
        moved = constants + np.diag(steps)
        slopes = [(residuals(at) - base) / step for at, step in zip(moved, steps, strict=True)]
        return np.stack(slopes, axis=1)

    start = shipped_constants()
    return solve(residuals, jacobian, start, mean=start, deviation=start * WIDE_PRIOR)


def held_out_power(rows: PowerRows, keys: Sequence[str]) -> Floats:
    """log(measured / predicted) of every row by a fit without the rows of its key."""
    labels = np.array(keys)
    errors = np.empty(len(labels))
    for key in np.unique(labels):
        constants = fit_power(rows, labels != key)
        mine = labels == key
        errors[mine] = (np.log(rows.share) - rows.log_share(constants))[mine]
    return errors
