"""Groups of rows that share a deviation, and how far each may deviate.

    log factor of a row = sum over its groups of the group's deviation

Group                     Deviates from                       Prior (standard deviation)
kind of silicon           the one it inherits from            0.4 without a parent, else 0.2
engine on silicon         engine and silicon                  0.15
... with model family     engine on silicon, on the family    0.15
engine on accelerator     engine on silicon                   0.08
engine on model family    engine and silicon                  0.25
engine of a version       engine, in the month                0.15

Deviations are of log compute share, bandwidth share, overheads and frontend, and of versions also
of log waiting (0.9): what part of the others' prompts is met at the first token is a choice of the
scheduler. Without it prompts of SGLang 0.5.6, which are met behind it, were taken for launches:
single requests of Llama 3.1 8B on an H200 had 15 ms per token in place of 5. With it for families
and silicon too, first tokens of new ones are off by a fourth more.

A group without rows keeps 0, so that new silicon reaches what its parent does, and a new family
what the engine's others do. Groups of one accelerator and of a family on one kind of silicon take
what is their own out of the wider ones, which new hardware and new families inherit. Position 0 is
no group: it pads rows that have fewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.calibration import scopes
from catalog.silicon import lineage, silicon
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.version_month import version_month
from recommender.performance.layout_table import Floats

ROOT_PRIOR, CHILD_PRIOR = 0.4, 0.2
PRIORS: Mapping[str, float] = {
    "silicon": 0.15, "family": 0.25, "family on silicon": 0.15, "accelerator": 0.08,
    "version": 0.15,
}  # fmt: skip
"""Of the groups of an engine, by scope."""
WAITING_PRIOR = 0.9
"""Of a version."""
NOTHING = 1e-6
DEEPEST = 3
"""Longest lineage."""

Group = tuple[str, str, str]
"""(`*` or engine and kind of model, scope, name)."""
ALL_ENGINES = "*"


@dataclass(frozen=True, slots=True)
class Groups:
    """Names and priors of all groups of a set of rows."""

    names: tuple[Group, ...]

    @property
    def deviations(self) -> Floats:
        """Prior standard deviations of each group: four factors, and waiting, shape (groups, 5)."""
        return np.array([[_prior(name)] * 4 + [_waiting_prior(name)] for name in self.names])

    def positions(self, scenarios: Sequence[Scenario]) -> npt.NDArray[np.intp]:
        """Groups of each row, shape (n, DEEPEST + scopes)."""
        place = {name: index for index, name in enumerate(self.names)}
        rows = [[place[name] for name in groups_of(scenario)] for scenario in scenarios]
        width = DEEPEST + len(PRIORS)
        return np.array([row + [0] * (width - len(row)) for row in rows], dtype=np.intp)


def groups_of(scenario: Scenario) -> list[Group]:
    """The groups of one row."""
    kind = silicon(scenario.accelerator)
    engine = f"{scenario.cell} {kind_of(scenario)}"
    inherited: list[Group] = [(ALL_ENGINES, "silicon", name) for name in lineage(kind)]
    own = scopes(scenario.accelerator, scenario.model.family, version_month(scenario.year))
    return [*inherited, *((engine, scope, name) for scope, name in own.items())]


def all_groups(scenarios: Sequence[Scenario]) -> Groups:
    """Every group of these rows, after the empty one."""
    found = {group for scenario in scenarios for group in groups_of(scenario)}
    return Groups(((ALL_ENGINES, "", ""), *sorted(found)))


def _waiting_prior(group: Group) -> float:
    return WAITING_PRIOR if group[1] == "version" else NOTHING


def _prior(group: Group) -> float:
    engine, scope, name = group
    if not scope:
        return NOTHING
    if engine == ALL_ENGINES:
        return ROOT_PRIOR if len(lineage(name)) == 1 else CHILD_PRIOR
    return PRIORS[scope]
