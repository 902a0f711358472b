"""How much wider than usual the error of a row is, from what is known without its value.

    m(x) = exp( sum_j  slope_j * (x_j - at_j)  +  sum_t u_t ),   held to exp(-LIMIT) .. exp(LIMIT)

Symbol   Meaning                                                         Unit
x_j      a feature of the row, see `spread_features`                      1
at_j     its mean among the rows that errors were kept of                 1
slope_j  fitted to the absolute errors of held-out rows (`fit.spread_fit`)  1
u_t      the same of a trait t of the row: the month of its engine's        1
         version, the format of its weights in the engine; of first tokens
         in closed loops, what is asked of the server at once

An interval is the quantiles of the row's group times m (locally weighted conformal prediction:
Lei et al., Distribution-Free Predictive Inference for Regression, JASA 2018, section 5.2).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from catalog.calibration import Calibration, ErrorLevel
from recommender.accuracy.batch import cached_sequences
from recommender.accuracy.busy_server import is_burst, is_busy
from recommender.accuracy.first_token import is_closed_first_token
from recommender.accuracy.load_constants import NEWEST_YEAR, kind_of
from recommender.accuracy.question import Question
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.accuracy.version_month import version_month
from recommender.performance.layout_table import Floats

FEATURES = (
    "requests in flight", "requests in flight, squared", "input tokens", "output tokens",
    "accelerators", "expert parallel", "attention data parallel", "version unknown", "age",
    "static batch", "offline", "server", "cache demand", "cache overfull", "cache small",
)  # fmt: skip
Trait = str
"""Name of what a row has in common with others, see `traits`."""
LIMIT = 1.5
"""No row is taken to be 4.5 times surer or less sure than the mean one."""
SMALL_CACHE_TOKENS = 2e4
OVERFULL = 0.7
"""Share of the cache from which requests may have to wait for room."""


def spread_features(questions: Sequence[Question], table: ScenarioTable) -> Floats:
    """x of each row, shape (n, len(FEATURES)).

    Logarithms against a usual value: requests in flight of the system against 16, prompt tokens
    against 1024, output tokens against 512, accelerators of a replica against e, cache that the
    requests of a rank need against what it has; age in years before the newest engine; how far the
    cache is below 20,000 tokens; the rest are 1 where they apply and 0 elsewhere.
    """
    scenarios = [question.scenario for question in questions]
    loads = np.array([question.load.kind for question in questions])
    reported = ~np.isnan(table.concurrency)
    own = np.where(reported, table.concurrency, 1.0)
    flight = np.where(reported, _log(own * table.ranks, 1.0, 1024.0, 16.0), 0.0)
    replica = np.array([item.accelerators / item.replicas for item in scenarios])
    year = np.array([NEWEST_YEAR if item.year is None else item.year for item in scenarios])
    fits = cached_sequences(table, scenarios)
    demand = _log(own / fits, 1e-3, 20.0, 1.0)
    small = np.clip(-np.log(fits * table.context / SMALL_CACHE_TOKENS), 0.0, 4.0)
    return np.column_stack(
        [
            flight,
            flight**2,
            _log(table.inputs, 64.0, 32768.0, 1024.0),
            _log(table.outputs, 16.0, 8192.0, 512.0),
            _log(replica, 1.0, 512.0, np.e),
            np.array([float(item.ep > 1) for item in scenarios]),
            np.array([float(item.adp > 1) for item in scenarios]),
            np.array([float(item.year is None) for item in scenarios]),
            NEWEST_YEAR - year,
            (loads == "static").astype(float),
            (loads == "offline").astype(float),
            (loads == "server").astype(float),
            np.clip(demand, -5.0, 3.0),
            (demand > np.log(OVERFULL)).astype(float),
            small,
        ]
    )


def traits(questions: Sequence[Question], table: ScenarioTable) -> list[tuple[Trait, ...]]:
    """What other rows share with each: engines differ from month to month in what they leave
    unsaid, and formats in the kernels that an engine has for them. First tokens of closed loops:
    frontends of engines in what they can stream, versions in how they take a burst (`busy_server`).
    """
    ranks = np.array([question.scenario.adp for question in questions])
    in_flight = np.nan_to_num(table.concurrency)
    busy, burst = is_busy(table, in_flight, ranks=ranks), is_burst(table, ranks=ranks)
    return [
        _traits(question, busy=bool(busy[row]), burst=bool(burst[row]))
        for row, question in enumerate(questions)
    ]


def _traits(question: Question, *, busy: bool, burst: bool) -> tuple[Trait, ...]:
    scenario = question.scenario
    engine = f"{scenario.cell} {kind_of(scenario)}"
    version = f"{engine} {version_month(scenario.year)}"
    found = [f"version {version}", f"format {engine} {scenario.weights.name}"]
    if is_closed_first_token(question):
        found += [f"busy {engine}"] * busy
        found += [f"burst {version}", f"burst {version} {scenario.weights.name}"] * burst
    return tuple(found)


def spread_factors(
    questions: Sequence[Question],
    table: ScenarioTable,
    levels: Sequence[ErrorLevel],
    kinds: Sequence[str],
    calibration: Calibration,
) -> Floats:
    """m of each row, 1 where no slopes are known, shape (n,)."""
    slopes = _slopes(calibration)
    features, names_of_rows = spread_features(questions, table), traits(questions, table)
    logs = np.zeros(len(features))
    keys = list(zip(levels, kinds, strict=True))
    for key in set(keys) & set(slopes):
        rows = np.array([row for row, own in enumerate(keys) if own == key])
        at, slope, of_trait = slopes[key]
        own = [sum(of_trait.get(name, 0.0) for name in names_of_rows[row]) for row in rows]
        logs[rows] = ((features[rows] - at) * slope).sum(axis=1) + own
    return factor(logs)


def factor(log_factor: Floats) -> Floats:
    """exp(log_factor) within the limits."""
    return np.asarray(np.exp(np.clip(log_factor, -LIMIT, LIMIT)))


Slopes = tuple[Floats, Floats, dict[Trait, float]]
"""Means and slopes in the order of FEATURES, and what each trait adds."""


def _slopes(calibration: Calibration) -> Mapping[tuple[ErrorLevel, str], Slopes]:
    """Slopes by level and kind of quantity."""
    place = {name: index for index, name in enumerate(FEATURES)}
    found: dict[tuple[ErrorLevel, str], Slopes] = {}
    for row in calibration.spread:
        nothing: Slopes = (np.zeros(len(FEATURES)), np.zeros(len(FEATURES)), {})
        at, slope, of_trait = found.setdefault((row.basis, row.kind), nothing)
        if row.feature in place:
            at[place[row.feature]], slope[place[row.feature]] = row.at, row.slope
        else:
            of_trait[row.feature] = row.slope
    return found


def _log(values: Floats, low: float, high: float, usual: float) -> Floats:
    return np.asarray(np.log(np.clip(values, low, high) / usual))
