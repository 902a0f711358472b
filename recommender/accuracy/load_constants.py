"""Constants of a scenario: those of its step, vintage, frontend and waiting.

vintage = exp(gain * (newest year - year of the engine's version))
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration, Factors, Kind, StepConstants
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.version_month import version_month
from recommender.performance.constants import Constants, on_architecture, row_values, take_rows
from recommender.sizing.number import Number

NEWEST_YEAR = 2026.0
MOST_WAITING = 1.0
"""At the first token already, for the prompts of all others."""
USUAL_YEAR = 2025.5
"""Year of an engine whose version is not reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadConstants:
    """Scalars or shape (n,)."""

    step: Constants
    vintage: Number
    """Time of this version against the newest [1]."""
    prompt_stretch: Number
    frontend_s: Number
    request_s: Number
    waiting: Number
    """See `Timing`: sigma, t0, r, omega."""

    def take(self, index: npt.NDArray[np.intp]) -> "LoadConstants":
        """Those of the rows at these positions; a number is that of all rows."""
        rest = (field.name for field in fields(self) if field.name != "step")
        taken = {name: row_values(getattr(self, name), index) for name in rest}
        return LoadConstants(step=take_rows(self.step, index), **taken)


def kind_of(scenario: Scenario) -> Kind:
    """Whether the constants of dense or of expert models apply."""
    return "moe" if scenario.model.is_moe else "dense"


def load_constants(scenarios: Sequence[Scenario], calibration: Calibration) -> LoadConstants:
    """The shipped constants of each scenario, shape (n,)."""
    rows = [
        calibration.constants(engine=scenario.cell, kind=kind_of(scenario))
        for scenario in scenarios
    ]
    factors = _factors(scenarios, calibration)
    values = {name: _column(rows, name) for name in _FITTED}
    years = np.array([scenario.year or USUAL_YEAR for scenario in scenarios])
    return assemble(
        values,
        compute_factor=np.array([row.compute_factor for row in factors]),
        bandwidth_factor=np.array([row.bandwidth_factor for row in factors]),
        overhead_factor=np.array([row.overhead_factor for row in factors]),
        frontend_factor=np.array([row.frontend_factor for row in factors]),
        waiting_factor=np.array([row.waiting_factor for row in factors]),
        age=NEWEST_YEAR - years,
    )


def assemble(
    values: Mapping[str, Number],
    *,
    compute_factor: Number,
    bandwidth_factor: Number,
    overhead_factor: Number,
    frontend_factor: Number,
    waiting_factor: Number,
    age: Number,
) -> LoadConstants:
    """Constants from the fitted values by name, the factors of the architecture, and the years
    between the engine's version and the newest.
    """
    step = Constants(**{field.name: values[field.name] for field in fields(Constants)})
    return LoadConstants(
        step=on_architecture(
            step,
            compute_factor=compute_factor,
            bandwidth_factor=bandwidth_factor,
            overhead_factor=overhead_factor,
        ),
        vintage=np.exp(values["yearly_gain"] * age),
        prompt_stretch=values["prompt_stretch"],
        frontend_s=values["frontend_s"] * frontend_factor,
        request_s=values["request_s"] * frontend_factor,
        waiting=np.minimum(values["waiting"] * waiting_factor, MOST_WAITING),
    )


_FITTED = (
    *(field.name for field in fields(Constants)),
    "prompt_stretch",
    "frontend_s",
    "request_s",
    "waiting",
    "yearly_gain",
)


def _column(rows: Sequence[StepConstants], name: str) -> Number:
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)


def _factors(scenarios: Sequence[Scenario], calibration: Calibration) -> list[Factors]:
    """Factors of each scenario; those of like scenarios are looked up once."""
    known: dict[tuple[str, Kind, str, str, str], Factors] = {}
    found = []
    for scenario in scenarios:
        kind, family = kind_of(scenario), scenario.model.family
        version = version_month(scenario.year)
        key = (scenario.cell, kind, scenario.accelerator.name, family, version)
        if key not in known:
            known[key] = calibration.factors(
                engine=scenario.cell,
                kind=kind,
                accelerator=scenario.accelerator,
                family=family,
                version=version,
            )
        found.append(known[key])
    return found
