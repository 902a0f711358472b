"""Scenarios as columns, so that thousands of rows are predicted at once.

Scenarios of one model on one accelerator share their formulas; each such group is one call of
the sizing formulas, and the groups are joined in the order of the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration
from recommender.accuracy.resolve import CHUNK_TOKENS
from recommender.accuracy.scenario import Scenario
from recommender.hardware import Hardware
from recommender.performance.build_stage import build_stage
from recommender.performance.layout_table import (
    FORMAT_BITS,
    Floats,
    LayoutTable,
    peak_flop_per_s,
)
from recommender.performance.memory import sequence_kv_bytes, stage_weight_bytes
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import Moments
from recommender.performance.speculation import NO_SPECULATION
from recommender.performance.stage import Stage, concatenate_stages, take_stages
from recommender.performance.work_rate import chip_tdp_w
from recommender.units import GB

NETWORK_GB_PER_S = 400.0
"""Network of a node that a published multi-node figure ran on: 8 x 400 Gb/s."""
UNKNOWN_LENGTH = 512.0
CAPTURING = ("vllm", "sglang")
"""Engines that pad batches to captured CUDA graphs by default (`sizing.captured_graphs`)."""
PROMPT_BUDGETS = ("sglang",)
"""Engines whose chunks are of prompts alone (`--chunked-prefill-size`)."""


@dataclass(frozen=True, slots=True)
class ScenarioTable:
    """Columns of shape (n,); NaN where a row does not report."""

    stage: Stage
    inputs: Floats
    outputs: Floats
    computed: Floats
    """Of a prompt: without what a prefix cache held [tokens]."""
    context: Floats
    """Mean context of the sequences in flight [tokens]."""
    concurrency: Floats
    """Per attention rank."""
    ranks: Floats
    """Attention ranks of all replicas."""
    accelerators: Floats
    weight_bytes: Floats
    micro_batch_tokens: Floats
    kv_bytes_per_token: Floats
    memory_bytes: Floats
    tdp_w: Floats
    """Of the accelerator alone."""
    read_bytes_per_s: Floats
    flop_per_s: Floats
    """Peaks of one accelerator: memory, and matrix units in the format of `stage`."""
    drafts: Floats
    """Verified in a step for each sequence, where the row states what they gain, else 0."""
    gain: Floats
    """Tokens that a sequence gains in a step; 1 without these drafts."""
    step_tokens: Floats
    """Budget of a step that the row states, else NaN."""
    decodes_in_budget: Floats
    """1 where decodes take from that budget, 0 where it is of prompts alone."""
    most_sequences: Floats
    """Of a batch, per attention rank: as stated, else infinite."""
    captures_graphs: Floats
    """1 where the engine replays graphs that were captured for fixed batches, else 0."""

    def take(self, index: npt.NDArray[np.intp]) -> "ScenarioTable":
        """The rows at these positions."""
        columns = (field.name for field in fields(self) if field.name != "stage")
        taken = {name: getattr(self, name)[index] for name in columns}
        return replace(self, stage=take_stages(self.stage, index), **taken)


def scenario_table(scenarios: Sequence[Scenario], calibration: Calibration) -> ScenarioTable:
    """Columns of these scenarios."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, scenario in enumerate(scenarios):
        groups.setdefault((scenario.model.id, scenario.accelerator.name), []).append(index)
    parts = [
        _group([scenarios[index] for index in members], calibration) for members in groups.values()
    ]
    order = np.argsort([index for members in groups.values() for index in members])
    inputs, outputs, context = _tokens(scenarios)
    options = [scenario.options for scenario in scenarios]
    drafting = [option.speculation or NO_SPECULATION for option in options]
    return ScenarioTable(
        stage=take_stages(concatenate_stages([part[0] for part in parts]), order),
        inputs=inputs,
        outputs=outputs,
        computed=_computed(scenarios, inputs),
        context=context,
        concurrency=_column([scenario.concurrency for scenario in scenarios]),
        ranks=np.array([scenario.replicas * scenario.adp for scenario in scenarios]),
        accelerators=np.array([scenario.accelerators for scenario in scenarios]),
        weight_bytes=np.concatenate([part[1] for part in parts])[order],
        micro_batch_tokens=np.array(
            [item.options.step_tokens or item.micro_batch_tokens for item in scenarios]
        ),
        kv_bytes_per_token=np.concatenate([part[2] for part in parts])[order],
        memory_bytes=np.array([scenario.accelerator.memory_bytes for scenario in scenarios]),
        tdp_w=_column([chip_tdp_w(scenario.accelerator) for scenario in scenarios]),
        read_bytes_per_s=np.array([_read_bytes_per_s(scenario) for scenario in scenarios]),
        flop_per_s=np.array([_flop_per_s(scenario) for scenario in scenarios]),
        drafts=np.array([float(one.drafts) for one in drafting]),
        gain=np.array([one.accepted for one in drafting]),
        step_tokens=_column([option.step_tokens for option in options]),
        decodes_in_budget=np.array(
            [float(item.engine not in PROMPT_BUDGETS) for item in scenarios]
        ),
        most_sequences=np.array([option.most_sequences or np.inf for option in options]),
        captures_graphs=np.array([float(item.engine in CAPTURING) for item in scenarios]),
    )


def _tokens(scenarios: Sequence[Scenario]) -> tuple[Floats, Floats, Floats]:
    """Prompt, answer, and context of the sequences in flight.

    Long answers stay longer: where their variation v is known, one in flight has come half through
    one of (1 + v^2) times the mean (length-biased sampling; Cox 1962).
    """
    inputs = np.array([scenario.input_tokens or UNKNOWN_LENGTH for scenario in scenarios])
    outputs = np.array([scenario.output_tokens or UNKNOWN_LENGTH for scenario in scenarios])
    square = np.array([scenario.output_variation**2 for scenario in scenarios])
    return inputs, outputs, inputs + outputs / 2 * (1 + square)


def _computed(scenarios: Sequence[Scenario], inputs: Floats) -> Floats:
    """Prompt tokens that no cache holds; the last one never does, to give the first token."""
    share = np.array([scenario.options.hit_share for scenario in scenarios])
    return np.maximum(inputs * (1.0 - share), np.minimum(inputs, 1.0))


def _column(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])


def _read_bytes_per_s(scenario: Scenario) -> float:
    return scenario.accelerator.memory_bandwidth_gb_per_s * GB


def _flop_per_s(scenario: Scenario) -> float:
    return peak_flop_per_s(scenario.accelerator, compute_format=scenario.weights.compute)


def _group(scenarios: Sequence[Scenario], calibration: Calibration) -> tuple[Stage, Floats, Floats]:
    first = scenarios[0]
    shape = model_shape(first.model)
    table = _layouts(scenarios)
    inputs, outputs, context = _tokens(scenarios)
    computed = _computed(scenarios, inputs)
    drafting = [scenario.options.speculation or NO_SPECULATION for scenario in scenarios]
    deeper = 1.0 + np.array([one.draft_layers for one in drafting]) / shape.layers
    stage = build_stage(
        shape=shape,
        hardware=Hardware(
            first.accelerator, first.accelerator.accelerators_per_node, NETWORK_GB_PER_S
        ),
        table=table,
        calibration=calibration,
        moments=Moments(
            context_tokens=context, prompt_tokens=computed, prompt_per_output=computed / outputs
        ),
        overlap=np.array([float(scenario.overlap) for scenario in scenarios]),
    )
    sequence = sequence_kv_bytes(shape=shape, table=table, context_tokens=context)
    held = deeper * stage_weight_bytes(shape=shape, table=table)
    return stage, held, deeper * sequence / context


def _layouts(scenarios: Sequence[Scenario]) -> LayoutTable:
    ones = np.ones(len(scenarios))
    return LayoutTable(
        tp=np.array([scenario.tp for scenario in scenarios]),
        pp=np.array([scenario.pp for scenario in scenarios]),
        adp=np.array([scenario.adp for scenario in scenarios]),
        ep=np.array([scenario.ep for scenario in scenarios]),
        max_batch=ones,
        chunk_tokens=CHUNK_TOKENS * ones,
        weight_bytes=np.array([scenario.weights.bytes_per_weight for scenario in scenarios]),
        kv_element_bytes=np.array([scenario.kv_bytes for scenario in scenarios]),
        flop_per_s=np.array([_flop_per_s(scenario) for scenario in scenarios]),
        compute_bits=np.array([FORMAT_BITS[scenario.weights.compute] for scenario in scenarios]),
    )
