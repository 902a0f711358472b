"""What a closed loop adds to the first token beyond the step law: a learned residual.

    log(TTFT) of a closed loop += sum over the row's groups of  w . x
    x = (1, ln(C/16), ln(i/2048), ln(o/1024), ln(tp))

Symbol  Meaning                                            Range that x is held to
C       requests in flight of the whole system             1..256
i, o    prompt and output tokens                           128..16384, 64..8192
tp      tensor-parallel group                              1..8

A closed loop sends a prompt as soon as an answer ends, so who waits for whom depends on how the
benchmark starts, on how its lengths scatter and on when the engine reads prompts; none of that is
reported. Groups are the engine (dense or MoE), the engine with a model family, and both on a kind
of silicon; an unknown group adds nothing. Plans use none of it: their arrivals are open.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from catalog.calibration import Calibration, FirstToken
from catalog.silicon import silicon
from recommender.accuracy.load_constants import kind_of
from recommender.accuracy.question import Question
from recommender.accuracy.scenario import Scenario
from recommender.performance.layout_table import Floats

ALL = "*"
USUAL_TOKENS = 1024.0
WEIGHTS = ("constant", "concurrency", "input_tokens", "output_tokens", "tp")

Group = tuple[str, str, str, str]
"""(engine, kind of model, family, kind of silicon); `*` is all."""


def groups_of(scenario: Scenario) -> tuple[Group, Group, Group]:
    """The groups of a row, the widest first."""
    engine, kind, family = scenario.cell, kind_of(scenario), scenario.model.family
    return (
        (engine, kind, ALL, ALL),
        (engine, kind, family, ALL),
        (engine, kind, family, silicon(scenario.accelerator)),
    )


def features(scenarios: Sequence[Scenario]) -> Floats:
    """x of each row, shape (n, 5)."""
    rows = [
        (
            np.clip((item.concurrency or 1.0) * item.replicas * item.adp, 1.0, 256.0) / 16.0,
            np.clip(item.input_tokens or USUAL_TOKENS, 128.0, 16384.0) / 2048.0,
            np.clip(item.output_tokens or USUAL_TOKENS, 64.0, 8192.0) / 1024.0,
            np.clip(item.tp, 1.0, 8.0),
        )
        for item in scenarios
    ]
    logs = np.log(np.array(rows, dtype=np.float64).reshape(-1, 4))
    return np.column_stack([np.ones(len(logs)), logs])


def is_closed_first_token(question: Question) -> bool:
    """Whether a row asks for the first token of a closed loop."""
    return question.quantity.name == "ttft" and question.load.kind == "closed"


def first_token_factors(questions: Sequence[Question], calibration: Calibration) -> Floats:
    """Factor on the predicted first token of each row, 1 of other loads, shape (n,)."""
    factors = np.ones(len(questions))
    asked = [index for index, item in enumerate(questions) if item.load.kind == "closed"]
    if asked:
        scenarios = [questions[index].scenario for index in asked]
        weights = _weights(scenarios, calibration.first_token)
        factors[asked] = np.exp((features(scenarios) * weights).sum(axis=1))
    return factors


def _weights(scenarios: Sequence[Scenario], rows: Sequence[FirstToken]) -> Floats:
    """Summed weights of each row's groups, shape (n, 5)."""
    table: Mapping[Group, Floats] = {
        (row.engine, row.kind, row.family, row.silicon): np.array(
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
