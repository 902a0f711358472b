"""What a row leaves open of its load and its engine, and what is taken instead, one phrase each.

lengths     512 tokens in, 512 out, where neither row nor data set say (`ScenarioTable`)
requests    of one static batch: one; of an open-ended rate, or of a server without a limit of TPOT
            in its notes: as many as fit
version     that of mid-2025 (`load_constants`), of engines whose versions differ

Quantities that a length says nothing about do not name it: weights and caches; outputs of a
prompt's time.
"""

from collections.abc import Iterator

from recommender.accuracy.load import Load
from recommender.accuracy.load_constants import USUAL_YEAR
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.quantity import Name, Quantity
from recommender.accuracy.scenario import AGEING, Scenario
from recommender.accuracy.scenario_table import UNKNOWN_LENGTH

DATED = (*AGEING, "sglang")
"""Engines whose versions say how fast they are."""
OF_A_PROMPT: tuple[Name, ...] = ("prefill", "prefill_rate")
OF_NO_VERSION: tuple[Name, ...] = ("weights", "file_size", "non_torch")
OF_A_CONTEXT: tuple[Name, ...] = ("context_slope", "decode_empty")


def assumed_load(
    row: Measurement, quantity: Quantity, scenario: Scenario, load: Load
) -> Iterator[str]:
    """What is assumed of a row, beyond its layout and names."""
    if row.kind != "memory":
        yield from _lengths(quantity, scenario)
        yield from _requests(row, load)
    if scenario.year is None and scenario.engine in DATED and quantity.name not in OF_NO_VERSION:
        yield f"version of {row.engine} not reported: as of mid-{int(USUAL_YEAR)}"


def _requests(row: Measurement, load: Load) -> Iterator[str]:
    if row.concurrency is not None:
        return
    if load.kind == "static":
        yield "requests in flight not reported: one"
    if load.kind == "offline" and "offline" not in row.metric:
        yield "requests in flight not reported: as many as fit"
    if load.kind == "server" and load.tpot_limit_s is None:
        yield "limits of TTFT and TPOT not reported: as many as fit"


def _lengths(quantity: Quantity, scenario: Scenario) -> Iterator[str]:
    if quantity.name in OF_A_CONTEXT:
        return
    inputs = scenario.input_tokens is None
    outputs = scenario.output_tokens is None and quantity.name not in OF_A_PROMPT
    if inputs and outputs:
        yield f"lengths not reported: {UNKNOWN_LENGTH:g} in, {UNKNOWN_LENGTH:g} out"
    elif inputs:
        yield f"input length not reported: {UNKNOWN_LENGTH:g} tokens"
    elif outputs:
        yield f"output length not reported: {UNKNOWN_LENGTH:g} tokens"
