"""Step laws of many layouts from the calibrated roofline.

Per round of the pipeline (one engine step on each of pp stages, each with 1/pp of the batch):

    a = pp * (fixed + hop)           g = attention per context token of a stage
    b = slope of a stage + hop       d = slope of a stage, q = attention per pair of a stage

because pp steps with B/pp sequences each cost pp*fixed + slope*B. Prompts leave a bubble: the
stages advance at the pace of the micro-batch that carries the chunk, so a prompt of m chunks
takes (m + pp - 1) chunk times of a stage instead of m,

    d, q = those of a stage * (m + pp - 1)/m         chunk of a round = pp*C * m/(m + pp - 1)

with m = max(1, p/C), p the mean prompt of a prompt token and C the budget of a step: a prompt
that fits one chunk gains no time from pp, many small chunks gain nearly pp. The pipeline fill
is inside d. (Narayanan et al. 2021, arXiv:2104.04473, eq. 1.)
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration, Factors, StepConstants
from catalog.schema import Engine, LanguageModel, Precision, Support
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.basis import LEVELS, basis_levels, errors_of_levels, with_own_runs
from recommender.performance.build_stage import build_stage
from recommender.performance.constants import Constants, constants_of
from recommender.performance.layout_table import Floats, LayoutTable, layout_table
from recommender.performance.linearise import linearise
from recommender.performance.memory import MemoryTable, memory_of_table
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import Moments, moments
from recommender.performance.speculation import (
    NO_SPECULATION,
    Speculation,
    attention_s,
    prompt_layers,
)
from recommender.performance.stage import Stage
from recommender.performance.step_energy import step_energy
from recommender.performance.step_law import StepLaw
from recommender.performance.step_time import prompt_pair_s
from recommender.sizing.concurrency import concurrent_sequences
from recommender.sizing.number import Number
from recommender.workload import Lengths


def replica_laws(
    *,
    model: LanguageModel,
    hardware: Hardware,
    layouts: Sequence[Layout] | LayoutTable,
    engine: Engine,
    precisions: Mapping[str, Precision],
    support: Mapping[str, Support],
    lengths: Lengths,
    calibration: Calibration,
    memory: MemoryTable | None = None,
    speculation: Speculation = NO_SPECULATION,
) -> StepLaw:
    """Laws of these layouts, arrays of shape (n,).

    `precisions` and `support` (of this engine and architecture) by precision name. A layout
    that does not fit into memory gets `kv_tokens` 0: filter by `memory` and `validity` first.

    Raises
    ------
    MissingData
        The accelerator has no peak in the compute format, or a precision has no row.
    """
    table = (
        layouts
        if isinstance(layouts, LayoutTable)
        else layout_table(
            layouts, accelerator=hardware.accelerator, precisions=precisions, support=support
        )
    )
    around = moments(lengths)
    held = memory or memory_of_table(
        shape=model_shape(model),
        hardware=hardware,
        table=table,
        engine=engine,
        context_tokens=around.context_tokens,
        draft_layers=speculation.draft_layers,
    )
    return _laws(model, hardware, table, held, engine, around, calibration, speculation)


def _laws(
    model: LanguageModel,
    hardware: Hardware,
    table: LayoutTable,
    held: MemoryTable,
    engine: Engine,
    around: Moments,
    calibration: Calibration,
    speculation: Speculation,
) -> StepLaw:
    row = calibration.constants(engine=engine.name, kind="moe" if model.is_moe else "dense")
    constants, first_s = _fitted(model, hardware, engine, row, calibration)
    stage = _stage(model, hardware, table, engine, around, calibration)
    line = linearise(
        stage,
        constants,
        max_batch=table.max_batch,
        chunk_tokens=table.chunk_tokens,
        kv_tokens=held.kv_tokens,
        moments=around,
        speculation=speculation,
    )
    basis, spread = _founded(
        model, hardware, table, held, engine, around, row, calibration, speculation
    )
    bubble = _bubble(around.prompt_tokens, table)
    taken = speculation.verified
    energy = step_energy(stage, hardware.accelerator, table, held, around, speculation)
    window_s = attention_s(stage.window, stage, constants, speculation)
    deeper = prompt_layers(stage, speculation)
    return StepLaw(
        a=table.pp * (line.fixed_s + stage.hop_latency_s),
        b=line.sequence_s + window_s + stage.hop_token_s * taken,
        g=attention_s(stage.decode, stage, constants, speculation),
        d=(line.prompt_token_s * deeper + stage.hop_token_s) * bubble,
        q=prompt_pair_s(stage, constants) * deeper * bubble,
        max_batch=_most_sequences(table, speculation),
        kv_tokens=held.kv_tokens,
        chunk_tokens=table.pp * table.chunk_tokens / bubble,
        ranks=table.adp,
        tokens_per_step=speculation.accepted,
        verified_tokens=taken,
        step_j=energy.step_j,
        sequence_j=energy.sequence_j,
        prompt_j=energy.prompt_j,
        frontend_s=np.full(len(table), first_s),
        prompt_stretch=np.full(len(table), row.prompt_stretch),
        rel_error=np.hypot(spread, line.error),
        basis=basis,
    )


def _stage(
    model: LanguageModel,
    hardware: Hardware,
    table: LayoutTable,
    engine: Engine,
    around: Moments,
    calibration: Calibration,
) -> Stage:
    """Work of the fullest stage, with what the engine can do."""
    return build_stage(
        shape=model_shape(model),
        hardware=hardware,
        table=table,
        calibration=calibration,
        moments=around,
        overlap=bool(engine.overlap_flag),
    )


def _fitted(
    model: LanguageModel,
    hardware: Hardware,
    engine: Engine,
    row: StepConstants,
    calibration: Calibration,
) -> tuple[Constants, float]:
    """Constants of the engine on this silicon with this family, and its frontend [s]."""
    factors = calibration.factors(
        engine=engine.name, kind=row.kind, accelerator=hardware.accelerator, family=model.family
    )
    return constants_of(row, factors), frontend_s(engine, row, factors)


def frontend_s(engine: Engine, row: StepConstants, factors: Factors) -> float:
    """What a first token waits for beside steps [s]: as documented, or longer where it was longer.

    All engines are documented at 40 ms; SGLang and TensorRT-LLM return first tokens up to 220 and
    340 ms late in runs on hosts of several kinds.
    """
    return max(engine.frontend_s, row.frontend_s * factors.frontend_factor)


def _founded(
    model: LanguageModel,
    hardware: Hardware,
    table: LayoutTable,
    held: MemoryTable,
    engine: Engine,
    around: Moments,
    row: StepConstants,
    calibration: Calibration,
    speculation: Speculation,
) -> tuple[npt.NDArray[np.str_], Floats]:
    """Basis of each layout, and the error that goes with it."""
    levels = basis_levels(
        model=model,
        hardware=hardware,
        engine=engine.name,
        constants=row,
        table=table,
        measured_group=calibration.largest_all_reduce(accelerator=hardware.accelerator.name),
        has_run=calibration.has_run_on(hardware.accelerator),
    )
    spread = errors_of_levels(
        levels,
        model=model,
        accelerator=hardware.accelerator,
        engine=engine.name,
        table=table,
        calibration=calibration,
    )
    if speculation.drafts:  # runs with drafts claim nothing, and runs without say nothing of them
        return np.array(LEVELS)[levels], spread
    together = concurrent_sequences(
        max_batch=table.max_batch,
        kv_tokens=held.kv_tokens,
        mean_context_tokens=around.context_tokens,
    )
    return with_own_runs(
        levels,
        spread,
        model=model,
        hardware=hardware,
        engine=engine.name,
        table=table,
        around=around,
        sequences=np.asarray(together),
        calibration=calibration,
    )


def _bubble(prompt_tokens: Number, table: LayoutTable) -> Floats:
    """(m + pp - 1) / m: chunk times of a stage per chunk of the prompt."""
    chunks = np.maximum(1.0, prompt_tokens / table.chunk_tokens)
    return np.asarray((chunks + table.pp - 1.0) / chunks)


def _most_sequences(table: LayoutTable, speculation: Speculation) -> Floats:
    """Sequences of a step: with drafts, as many as its token budget has room for."""
    if not speculation.drafts:
        return table.max_batch
    return np.minimum(
        table.max_batch, np.floor(table.pp * table.chunk_tokens / speculation.verified)
    )
