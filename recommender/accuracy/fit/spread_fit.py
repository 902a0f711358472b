"""How the size of errors depends on group and features, from rows that were held out.

    |e_i| ~ exponential with mean s_i
    log s_i = c + slope . (x_i - mean x) + sum_g u_g + sum_t u_t
    minimise  sum_i w_i (|e_i| / s_i + log s_i) + ridge/2 * (|slope|^2 + |u|^2)

Symbol  Meaning                                                                     Unit
e_i     log(measured / predicted) of row i by a fit that had not seen it, beyond     1
        what the room in the cache may explain (`recommender.accuracy.room`)
x_i     features of the row (`recommender.accuracy.spread`)                           1
u_g     of the groups that the row belongs to: engine and kind of model, and maybe
        with family, and with silicon as well; 0 for a group without rows             1
u_t     of its traits, such as the month of the engine's version                      1
w_i     n^-1/2 for a configuration of n rows: its rows err together                   1

The function is convex; Newton steps find its minimum. The ridge shrinks slopes to none and groups
to their parents: a group needs about that many configurations to have a say. Sizes are used (an
exponential law of |e|), not directions: with configurations held out, the mean error of a group
says nothing about its next configuration.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.accuracy.spread import Trait, factor
from recommender.performance.layout_table import Floats

FEWEST_ROWS = 40
"""With fewer rows of a kind all count as one group, without features."""
ROUNDS, LONGEST_STEP, CLOSE = 25, 0.7, 1e-5
MOST = 8.0
"""A row that is further off than this multiple of its size counts as if it were that far off."""

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Held-out rows of one kind and level."""

    errors: Floats
    features: Floats
    """Shape (n, features)."""
    groups: tuple[Group, ...]
    """Groups of each row."""
    configurations: npt.NDArray[np.str_]
    fold: npt.NDArray[np.intp]
    """Shape (n, ways): the fold of each row, by way of holding out."""
    way: npt.NDArray[np.intp]
    """Column of `fold` by which the row was held out."""
    traits: tuple[tuple[Trait, ...], ...]
    reach: Floats
    """Shape (n, 2): what the room in the cache alone may make of each row's error (`room`)."""
    ridge: float = 5.0

    def __len__(self) -> int:
        return len(self.errors)

    @property
    def beyond(self) -> Floats:
        """Errors beyond their reach, 0 within it."""
        return self.errors - np.clip(self.errors, self.reach[:, 0], self.reach[:, 1])

    def take(self, rows: npt.NDArray[np.intp]) -> "Sample":
        """The rows at these positions."""
        return Sample(
            self.errors[rows],
            self.features[rows],
            tuple(self.groups[int(row)] for row in rows),
            self.configurations[rows],
            self.fold[rows],
            self.way[rows],
            tuple(self.traits[int(row)] for row in rows),
            self.reach[rows],
            self.ridge,
        )


@dataclass(frozen=True, slots=True)
class Spread:
    """Size of an error by features and groups."""

    base: float
    """log s at mean features, in no group."""
    at: Floats
    slope: Floats
    group: dict[str, float]
    """u of each group."""
    trait: dict[Trait, float]

    def group_size(self, groups: Sequence[str]) -> float:
        """s of these groups at mean features."""
        return float(np.exp(self.base + sum(self.group.get(name, 0.0) for name in groups)))

    def sizes(self, sample: Sample) -> Floats:
        """s of rows, shape (n,)."""
        own = np.array([self.group_size(names) for names in sample.groups])
        added = [sum(self.trait.get(name, 0.0) for name in names) for names in sample.traits]
        return np.asarray(own * factor((sample.features - self.at) @ self.slope + added))


def fit_spread(sample: Sample) -> Spread:
    """The size of errors of these rows."""
    columns = sample.features.shape[1]
    at = sample.features.mean(axis=0)
    if len(sample) < FEWEST_ROWS:
        mean = float(np.log(np.abs(sample.beyond).mean()))
        return Spread(mean, at, np.zeros(columns), {}, {})
    groups, member = _membership(sample.groups)
    traits, having = _membership(sample.traits)
    ones = np.ones((len(sample), 1))
    design = np.hstack([ones, sample.features - at, member, having])
    weights = _weights(sample.configurations)
    solution = _minimise(design, np.abs(sample.beyond), weights, sample.ridge)
    slope, of_group, of_trait = np.split(
        solution[1:], np.cumsum([columns, len(groups)], dtype=np.intp)
    )
    return Spread(
        float(solution[0]),
        at,
        slope,
        dict(zip(groups, of_group.tolist(), strict=True)),
        dict(zip(traits, of_trait.tolist(), strict=True)),
    )


def _membership(names_of_rows: Sequence[tuple[str, ...]]) -> tuple[list[str], Floats]:
    """All names, and which of them each row has, shape (n, names)."""
    names = sorted({name for own in names_of_rows for name in own})
    place = {name: index for index, name in enumerate(names)}
    member = np.zeros((len(names_of_rows), len(names)))
    for row, own in enumerate(names_of_rows):
        member[row, [place[name] for name in own]] = 1.0
    return names, member


def _weights(configurations: npt.NDArray[np.str_]) -> Floats:
    _, place, counts = np.unique(configurations, return_inverse=True, return_counts=True)
    return np.asarray(counts[place] ** -0.5)


def _minimise(design: Floats, size: Floats, weights: Floats, ridge_of_all: float) -> Floats:
    """Newton steps on the penalised deviance; the constant is free."""
    ridge = np.full(design.shape[1], ridge_of_all)
    ridge[0] = 1e-6
    solution = np.zeros(design.shape[1])
    solution[0] = np.log(np.average(size, weights=weights))
    for _ in range(ROUNDS):
        ratio = np.minimum(size * np.exp(-(design @ solution)), MOST)
        gradient = design.T @ (weights * (1.0 - ratio)) + ridge * solution
        curved = design * (weights * np.maximum(ratio, 0.2))[:, None]
        step = np.linalg.solve(curved.T @ design + np.diag(ridge), gradient)
        longest = float(np.abs(step).max())
        solution = solution - step * min(1.0, LONGEST_STEP / max(longest, CLOSE))
        if longest < CLOSE:
            break
    return solution
