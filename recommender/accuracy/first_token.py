"""What a closed loop adds to the first token beyond the step law: a learned residual.

    log(TTFT) of a closed loop += sum over the row's groups of  w . x
    x = (1, ln(C/16), ln(i/2048), ln(o/1024), ln(tp), ln(adp),
         t0/T, sigma*A/T, (B - 1 - (o - 1)*n)*A/T, omega*(C - 1)*r/T, ln(1 + o*TPOT/(C*T)),
         ln(C/16)^2, ln(C/16)*ln(i/2048), 1 where the server is busy, 1 at a burst)

Symbol  Meaning                                                       Range that x is held to
C       requests in flight of the whole system                        4..256
i, o    computed prompt and output tokens                             128..16384, 64..8192
tp      tensor-parallel group                                         1..8
adp     attention ranks                                               1..16
T       predicted first token, and its parts (`timing`): a share's weight is, to first order,
        the logarithm by which that part is longer than predicted
place   one of the C requests always waits for a place: T grows by     o*TPOT/(C*T) <= 20
        o*TPOT/C (Little's law)
R, P    tokens per second that a replica may have to stream, prompt tokens that arrive
        together at the start (`busy_server`): busy, a burst, where many

A closed loop sends a prompt as soon as an answer ends, so who waits for whom depends on how the
benchmark starts, on how its lengths scatter and on when the engine reads prompts; none of that is
reported. Groups are the engine (dense or MoE), the engine in a month of its version, the engine
with a model family, both on a kind of silicon, both in a month, and these with a format of the
weights: schedulers change what waits from version to version, on all silicon alike, and kernels of
a format are new at first. An unknown group adds nothing. Plans use none of it: their arrivals are
open.

Fewer than four in flight were hardly ever run: carried on to a single request, the residual made
first tokens faster than the prompt can be computed, or later by a whole answer, where one request
waits for nobody's place.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration, FirstToken
from catalog.silicon import silicon
from recommender.accuracy.busy_server import is_burst, is_busy
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.question import Question
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.accuracy.timing import Timing
from recommender.accuracy.version_month import version_month
from recommender.performance.layout_table import Floats

ALL = "*"
LEAST_IN_FLIGHT = 4.0
MOST_PLACES = 20.0
WEIGHTS = (
    "constant", "concurrency", "input_tokens", "output_tokens", "tp", "adp", "frontend_share",
    "prompt_share", "waiting_share", "request_share", "place", "concurrency_squared",
    "concurrency_input", "busy_frontend", "burst",
)  # fmt: skip

Rows = npt.NDArray[np.intp]
Group = tuple[str, str, str, str, str, str]
"""(engine, kind of model, family, kind of silicon, month of the version, format); `*` is all."""


def groups_of(scenario: Scenario) -> tuple[Group, Group, Group, Group, Group, Group]:
    """The groups of a row, the widest first."""
    engine, kind, family = scenario.cell, kind_of(scenario), scenario.model.family
    month, weights = version_month(scenario.year), scenario.weights.name
    return (
        (engine, kind, ALL, ALL, ALL, ALL),
        (engine, kind, ALL, ALL, month, ALL),
        (engine, kind, family, ALL, ALL, ALL),
        (engine, kind, family, silicon(scenario.accelerator), ALL, ALL),
        (engine, kind, family, ALL, month, ALL),
        (engine, kind, family, ALL, month, weights),
    )


def features(scenarios: Sequence[Scenario], timing: Timing, rows: Rows) -> Floats:
    """x of the scenarios at these rows of `timing`, shape (n, len(WEIGHTS))."""
    settings = _settings(scenarios, timing.table, rows)
    flight, prompt = settings[:, 0], settings[:, 1]
    ranks = np.ones(len(timing.batch))
    ranks[rows] = [scenario.adp for scenario in scenarios]
    busy = is_busy(timing.table, timing.batch, ranks=ranks)[rows]
    burst = is_burst(timing.table, ranks=ranks)[rows]
    curved = [flight**2, flight * prompt, busy.astype(float), burst.astype(float)]
    return np.column_stack([np.ones(len(settings)), settings, _parts(timing)[rows], *curved])


def _settings(scenarios: Sequence[Scenario], table: ScenarioTable, rows: Rows) -> Floats:
    """Logarithms of the load and the layout, shape (n, 5)."""
    flight = np.array([_in_flight(item) for item in scenarios], dtype=np.float64)
    tp = np.array([item.tp for item in scenarios], dtype=np.float64)
    adp = np.array([item.adp for item in scenarios], dtype=np.float64)
    found = [
        np.clip(flight, LEAST_IN_FLIGHT, 256.0) / 16.0,
        np.clip(table.computed[rows], 128.0, 16384.0) / 2048.0,
        np.clip(table.outputs[rows], 64.0, 8192.0) / 1024.0,
        np.clip(tp, 1.0, 8.0),
        np.clip(adp, 1.0, 16.0),
    ]
    return np.log(np.column_stack(found))


def _in_flight(scenario: Scenario) -> float:
    """C."""
    return (scenario.concurrency or 1.0) * scenario.replicas * scenario.adp


def _parts(timing: Timing) -> Floats:
    """Shares of the predicted first token, and of a place that is missing, shape (all, 5)."""
    parts = timing.first_token_parts
    shares = [getattr(parts, name) / timing.ttft for name in ("frontend", "prompt", "waiting")]
    flight = timing.batch * timing.table.ranks
    answers = timing.table.outputs * timing.tpot / np.maximum(flight, LEAST_IN_FLIGHT)
    place = np.where(flight < 2.0, 0.0, answers / timing.ttft)
    last = np.log1p(np.minimum(place, MOST_PLACES))
    return np.column_stack([*shares, parts.requests / timing.ttft, last])


def is_closed_first_token(question: Question) -> bool:
    """Whether a row asks for the first token of a closed loop."""
    return question.quantity.name == "ttft" and question.load.kind == "closed"


def first_token_factors(
    questions: Sequence[Question], timing: Timing, calibration: Calibration
) -> Floats:
    """Factor on the predicted first token of each row, 1 of other loads, shape (n,)."""
    factors = np.ones(len(questions))
    closed = [index for index, item in enumerate(questions) if item.load.kind == "closed"]
    asked = np.array(closed, dtype=np.intp)
    if closed:
        scenarios = [questions[index].scenario for index in asked]
        weights = _weights(scenarios, calibration.first_token)
        factors[asked] = np.exp((features(scenarios, timing, asked) * weights).sum(axis=1))
    return factors


def _weights(scenarios: Sequence[Scenario], rows: Sequence[FirstToken]) -> Floats:
    """Summed weights of each row's groups, shape (n, len(WEIGHTS))."""
    table: Mapping[Group, Floats] = {
        (row.engine, row.kind, row.family, row.silicon, row.version, row.format): np.array(
            [getattr(row, name) for name in WEIGHTS]
        )
        for row in rows
    }
    nothing = np.zeros(len(WEIGHTS))
    return np.array(
        [
            sum((table.get(group, nothing) for group in groups_of(scenario)), nothing)
            for scenario in scenarios
        ]
    )
