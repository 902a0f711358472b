"""From a measurement row to a scenario."""

import re
from collections.abc import Iterator

from catalog.schema import Accelerator, Precision
from recommender.accuracy.assumed_layout import STORED_ONLY, Cut, assumed_cut, impossible_layout
from recommender.accuracy.dataset_lengths import dataset_of
from recommender.accuracy.engine_names import UNKNOWN, engine_key
from recommender.accuracy.measurement import Measurement
from recommender.accuracy.model_names import ResolvedModel
from recommender.accuracy.names import Names
from recommender.accuracy.own_precision import own_format_in_words
from recommender.accuracy.precision_names import Format, kv_bytes, weight_format
from recommender.accuracy.published_accelerators import as_published
from recommender.accuracy.scenario import Refused, Scenario
from recommender.accuracy.serving_options import serving_options
from recommender.accuracy.stated_drafts import impossible_gain
from recommender.accuracy.unknown_names import unknown_engine, unknown_format
from recommender.units import BITS_PER_BYTE

SHORT_PROMPT = 16.0
"""Prompt of a decode benchmark that does not name one [tokens]."""
LLAMA_CPP_TOKENS = 512.0
"""Physical batch of llama.cpp by default (n_ubatch)."""
CHUNK_TOKENS = 8192.0
"""Token budget of one step where nothing else is known: the default of vLLM and TensorRT-LLM."""
OVERLAP_NOTE = re.compile(r"(two|dual)[- ]batch overlap|--enable-(dbo|two-batch-overlap)", re.I)
FOUR_BIT_NOTE = re.compile(r"W4A16|4-bit")
BENCHMARK_LOADS = ("_offline", "_server", "_interactive")
DECODE_METRICS = ("decode_tok_per_s", "itl_intercept", "itl_slope")


def resolve(row: Measurement, names: Names) -> Scenario | Refused:
    """The scenario of a row, or why there is none."""
    found = names.model(row.model, row.total_params_b)
    if found is None:
        return Refused(names.unknown("model", row.model))
    published, row = row, row if names.is_own(row.accelerator) else as_published(row)
    accelerator = _accelerator(row, names)
    if accelerator is None:
        return Refused(names.unknown("accelerator", row.accelerator))
    model, engine, (stated, kv_stated) = found.model, names.engine(row.engine), _formats(row)
    layout = impossible_layout(row, engine=engine, experts=model.is_moe)
    unread = unknown_format(stated, kv_stated, names.own.precisions)
    if problem := unread or layout or impossible_gain(row.notes):
        return Refused(problem)
    precision = stated or assumed_precision(row, accelerator) or model.native_precision
    own_weights = names.weights(precision, accelerator, engine)
    weights = own_weights or weight_format(precision, model, accelerator)
    if not weights.compute:
        return Refused(f"{accelerator.name}: the catalogue holds no matrix peak")
    cut = assumed_cut(row, model=model, accelerator=accelerator, engine=engine, weights=weights)
    inputs, outputs, variation, assumed = _lengths(row)
    assumptions = [*cut.assumptions, *assumed, *_of_names(row, found, engine)]
    assumptions += _of_format(stated, weights, names.own_precision(precision))
    assumptions += _read_as(published, row, accelerator, tied=names.is_tied(row.accelerator))
    return Scenario(
        model=model,
        guessed_model=found.guessed,
        accelerator=accelerator,
        accelerators=cut.accelerators,
        engine=engine,
        own_engine=names.own_engine(engine),
        year=names.engine_year(row.engine, row.engine_version),
        weights=weights,
        kv_bytes=_kv_bytes(kv_stated, names, engine=engine, weights=weights.name),
        tp=cut.tp,
        pp=cut.pp,
        adp=cut.adp,
        ep=cut.ep,
        replicas=cut.replicas,
        concurrency=_per_rank(row.concurrency, cut),
        input_tokens=inputs,
        output_tokens=outputs,
        micro_batch_tokens=LLAMA_CPP_TOKENS if engine == "llama.cpp" else CHUNK_TOKENS,
        layout_reported=row.tp is not None or row.accelerators == 1 or cut.follows,
        lengths_reported=row.input_tokens is not None and row.output_tokens is not None,
        assumptions=tuple(assumptions),
        output_variation=variation,
        overlap=OVERLAP_NOTE.search(row.notes) is not None,
        options=serving_options(row, engine=engine, ranks=cut.adp),
    )


def _accelerator(row: Measurement, names: Names) -> Accelerator | None:
    found = names.accelerator(row.accelerator)
    if found is None and row.metric.startswith(STORED_ONLY):
        return next(iter(names.accelerators.values()))  # a file has no accelerator
    return found


def _kv_bytes(stated: str, names: Names, *, engine: str, weights: str) -> float:
    own = names.own_precision(stated) if stated else None
    if own is not None:
        return own.weight_bits / BITS_PER_BYTE
    return kv_bytes(stated, engine=engine, weights=weights)


def _formats(row: Measurement) -> tuple[str, str]:
    """Formats of weights and cache that the row names, blank where it leaves them open."""
    return (
        "" if row.precision == "UNSET" else row.precision,
        "" if row.kv_precision.casefold() == "auto" else row.kv_precision,
    )


def _of_names(row: Measurement, found: ResolvedModel, engine: str) -> Iterator[str]:
    """What is assumed of names that are not wholly known."""
    if found.guessed:
        yield f"architecture of {row.model!r} unknown: Llama-like of its size"
    if found.completed:
        yield f"model {row.model!r} read as {found.model.id}"
    if row.engine not in ("", "UNSET") and engine == UNKNOWN:
        yield unknown_engine(row.engine)


def _of_format(stated: str, weights: Format, own: Precision | None) -> Iterator[str]:
    """What is assumed of the weights."""
    if not stated:
        yield f"weights {weights.name} (not reported)"
    if own is not None:
        yield own_format_in_words(own, weights)


def _read_as(
    published: Measurement, row: Measurement, accelerator: Accelerator, *, tied: bool
) -> list[str]:
    """What is taken for accelerators whose name leaves something open."""
    if row is published and not tied:
        return []
    text = f"accelerator {published.accelerator!r} read as {accelerator.name}"
    if row.accelerators != published.accelerators:
        text += f", {row.accelerators:g} of them"
    return [text]


def assumed_precision(row: Measurement, accelerator: Accelerator) -> str:
    """Weights where the row names none: what its notes say; of a throughput benchmark the
    narrowest native floats; else blank, which means those of the published checkpoint.
    """
    if FOUR_BIT_NOTE.search(row.notes):
        return "q4_k_m" if engine_key(row.engine) == "llama.cpp" else "int4"
    if not row.metric.endswith(BENCHMARK_LOADS):
        return ""
    if accelerator.fp4_tflops is not None:
        return "fp4"
    return "fp8" if accelerator.fp8_tflops is not None else ""


def _per_rank(concurrency: float | None, cut: Cut) -> float | None:
    return None if concurrency is None else concurrency / (cut.replicas * cut.adp)


def _lengths(row: Measurement) -> tuple[float | None, float | None, float, list[str]]:
    """Means of prompts and answers, and how much answers vary."""
    inputs, outputs, variation = row.input_tokens, row.output_tokens, 0.0
    assumed: list[str] = []
    known = dataset_of(row)
    if inputs is None and known is not None:
        inputs = known.input_tokens
        assumed.append(f"input {inputs:g} tokens ({known.dataset}, {known.verification})")
        variation = known.output_variation
        if variation:
            assumed.append(f"answers that vary by {variation:g} of their mean")
    if outputs is None and known is not None and known.output_tokens is not None:
        outputs = known.output_tokens
        assumed.append(f"output {outputs:g} tokens ({known.dataset}, {known.verification})")
    if inputs is None and row.metric.startswith(DECODE_METRICS):
        inputs = SHORT_PROMPT
        assumed.append(f"prompt {SHORT_PROMPT:g} tokens")
    return inputs, outputs, variation, assumed
