"""What a measurement row asks: a quantity of a scenario under a load, or why it is refused."""

import re
from dataclasses import dataclass, replace

from recommender.accuracy.assumed_deployment import assumed_deployment
from recommender.accuracy.assumed_load import assumed_load
from recommender.accuracy.engine_support import unsupported, untold
from recommender.accuracy.kv_pool import beyond_share
from recommender.accuracy.load import Load, load_of
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.names import Names
from recommender.accuracy.not_modelled import not_modelled
from recommender.accuracy.one_request import beyond_context, in_a_cache_that_holds_it
from recommender.accuracy.possible_layout import impossible, read_otherwise
from recommender.accuracy.quantity import Quantity, quantity_of
from recommender.accuracy.resolve import resolve
from recommender.accuracy.scenario import Refused, Scenario
from recommender.errors import MissingData
from recommender.performance.layout_table import sixteen_bit_flop_per_s

_AS_MANY = re.compile(r"offline|total_output|max|peak|best")
"""Metrics of the largest throughput: `output_tokens_per_s_offline`, `total_output_throughput`."""


@dataclass(frozen=True, slots=True)
class Question:
    """One row, understood."""

    row: Measurement
    quantity: Quantity
    scenario: Scenario
    load: Load
    nodes: float
    """Nodes that a figure per node is divided by."""


def ask(row: Measurement, names: Names) -> Question | Refused:
    """Understand a row."""
    quantity = quantity_of(row)
    if isinstance(quantity, str):
        return Refused(quantity)
    scenario = resolve(row, names)
    if isinstance(scenario, Refused):
        return scenario
    is_run = quantity.name != "file_size"
    problem = (
        _missing(scenario)
        or (is_run and unsupported(row, scenario, names))
        or impossible(row, scenario, in_memory=is_run)
        or (is_run and beyond_share(scenario))
    )
    if problem:
        return Refused(problem)
    scenario = in_a_cache_that_holds_it(row, scenario)
    if quantity.name in ("tpot", "itl") and (row.output_tokens or 2) <= 1:
        return Refused(f"osl {row.output_tokens:g}: nothing follows the first token")
    load = load_of(row, engine=scenario.engine)
    if row.kind in ("ttft", "tpot", "e2e") and load.kind in ("offline", "server"):
        return Refused(
            "requests in flight (concurrency_or_batch) are not reported; near capacity they do not"
            " follow from a rate"
        )
    if row.kind == "throughput" and load.kind == "offline" and not _says_load(row):
        return Refused(
            "neither requests in flight (concurrency_or_batch) nor lengths (isl, osl) are reported,"
            " and the metric does not say that as many as fit were (offline)"
        )
    assumed = (
        *assumed_load(row, quantity, scenario, load),
        *assumed_deployment(row, quantity, scenario, load),
        *untold(row, scenario, names),
        *beyond_context(row, scenario),
        *read_otherwise(row, scenario),
        *not_modelled(row, scenario, load),
    )
    scenario = replace(scenario, assumptions=(*scenario.assumptions, *assumed))
    usual = max(scenario.accelerator.accelerators_per_node, 1)
    nodes = row.nodes or max(scenario.accelerators / usual, 1.0)
    return Question(row, quantity, scenario, load, nodes)


def _missing(scenario: Scenario) -> str:
    """What the catalogue lacks of the accelerator: one such row must not end a whole file."""
    try:
        sixteen_bit_flop_per_s(scenario.accelerator)
    except MissingData as error:
        return str(error)
    return ""


def _says_load(row: Measurement) -> bool:
    """Whether a rate without requests in flight says anything of what was asked of the system."""
    stated = row.input_tokens is not None or row.output_tokens is not None
    return stated or row.concurrency is not None or _AS_MANY.search(row.metric) is not None
