"""How far a closed loop may be off because nobody says how many requests the cache holds.

    from log(T(2*B) / T(B))  to  log(T(b) / T(B)),    T(b) = T + max(N/b - 1, 0) * E
    b = max(min(B/2, B at 0.8 of the memory), 1)

Symbol  Meaning                                                                 Unit
N       requests in flight per attention rank                                    count
B       as many as the cache holds by the defaults of the engine (`batch`)       count
T       first token, or whole answer, of a request that has room                 s
E       time that a request takes up room (`timing`)                             s

The room is off by up to twice either way: a cache in 8 bits instead of 16 holds twice as many;
requests that grow to their full length together, and layers with a window that keep everything,
need twice as much. Engines are started with 0.8 to 0.95 of the memory (SGLang chooses its share by
itself), which is much where weights fill most of it. Little's law makes of that a wait of many
times the first token, or none: intervals reach from one to the other. Loops of no more than `b` do
not wait either way, and are not touched.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration
from recommender.accuracy.batch import batch_of, cached_sequences, stated_places
from recommender.accuracy.first_token import first_token_factors
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.question import Question
from recommender.accuracy.rates import speeds
from recommender.accuracy.scenario_table import ScenarioTable, scenario_table
from recommender.accuracy.timing import Timing
from recommender.performance.layout_table import Floats

TWICE = 2.0
LEAST_UTILISATION = 0.8
WAITING = ("ttft", "e2e")


def room_reach(
    questions: Sequence[Question], table: ScenarioTable, calibration: Calibration
) -> Floats:
    """Low and high ends of log(measured / predicted) by the room alone, shape (n, 2)."""
    found = np.zeros((len(questions), 2))
    waiting = [item.load.kind == "closed" and item.quantity.name in WAITING for item in questions]
    scenarios = [item.scenario for item in questions]
    usual = cached_sequences(table, scenarios)
    little = cached_sequences(table, scenarios, utilisation=LEAST_UTILISATION)
    most, least = TWICE * np.maximum(usual, 1.0), np.minimum(usual / TWICE, little)
    places = stated_places(table)[:, None]
    room = np.minimum(np.column_stack([most, np.maximum(least, 1.0)]), places)
    rows = np.flatnonzero(np.array(waiting, dtype=bool) & (table.concurrency > room[:, 1]))
    if len(rows):
        found[rows] = _reach([questions[int(row)] for row in rows], room[rows], calibration)
    return found


def may_wait(questions: Sequence[Question], table: ScenarioTable) -> npt.NDArray[np.bool_]:
    """Closed loops of more requests than the usual cache holds, shape (n,): how many decode
    together is a guess, unless the row states its share of the memory.
    """
    scenarios = [item.scenario for item in questions]
    closed = np.array([item.load.kind == "closed" for item in questions], dtype=np.bool_)
    stated = np.array([item.options.memory_share is not None for item in scenarios], dtype=np.bool_)
    return np.asarray(closed & ~stated & (table.concurrency > cached_sequences(table, scenarios)))


def _reach(questions: Sequence[Question], room: Floats, calibration: Calibration) -> Floats:
    """Shape (n, 2), of rows for which the cache holds at most and at least `room` requests."""
    scenarios = [question.scenario for question in questions]
    loads = [question.load for question in questions]
    table = scenario_table(scenarios, calibration)
    timing = Timing(
        table, load_constants(scenarios, calibration), batch_of(table, scenarios, loads)
    )
    factors = first_token_factors(questions, timing, calibration)
    shown = speeds(timing, loads, first_token=factors)
    whole = np.array([question.quantity.name == "e2e" for question in questions])
    predicted = np.where(whole, shown["e2e"], shown["ttft"])
    taken = shown["e2e"] / (1 + timing.excess)
    wait = timing.excess * taken
    served = predicted - wait
    ends = np.maximum(table.concurrency[:, None] / room - 1, 0) * taken[:, None]
    low, high = np.minimum(ends[:, 0], wait), np.maximum(ends[:, 1], wait)
    return np.log(np.column_stack([served + low, served + high]) / predicted[:, None])
