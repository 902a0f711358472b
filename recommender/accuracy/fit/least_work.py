"""How much faster a row is than its hardware can be, however it is cut and loaded.

A token is multiplied with every parameter that it passes; a step reads those weights at least once,
and the cache of each sequence in it. With every peak of all accelerators reached and nothing else
taking time:

    TPOT  >= t,                t = (w*A + S) / ((1 + s) * N*b)
    TTFT  >= p,                p = 2*A_p*i / (N*f)
    E2E   >= p + (o - 1)*t
    tokens/s <= 1 / max( (w*A/B + S) / ((1 + s) * N*b),  2*A / (N*f) + p/o )
    B     <= min( stated,  (N*M - w*W) / S )

Symbol    Meaning                                                        Unit
N         accelerators of the whole system                               count
b, f, M   bandwidth, matrix peak and size of memory of one               B/s, FLOP/s, B
w         a weight, as stored                                            B
A, A_p    parameters that a token passes; of a prompt without the head   count
W         all parameters                                                 count
S         cache of a sequence at its mean context i + o/2                B
B         requests in flight; more than fit into the memory wait         count
i, o      tokens of prompt and answer                                    tokens
s         draft tokens of a step                                         tokens
t, p      token of a request that has everything to itself; its prompt   s

Neither layout nor load has to be stated: two replicas read the weights twice. Where lengths are
not stated, S, p and the bound on B by memory are left out; where notes speak of cached prompts, p.
Rows whose drafts are not counted are not judged. A cache whose format is not stated has 8 bits.
Weights stored in fewer bits than they are said to be computed in may be computed in 8, at twice
the rate. Of 2,180 published rows none comes closer than 0.94 of these bounds.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from catalog.calibration import Calibration
from catalog.parameters import Parameters, parameters
from recommender.accuracy.precision_names import SIXTEEN_BITS, Format
from recommender.accuracy.question import Question
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.scenario_table import scenario_table
from recommender.performance.layout_table import Floats, peak_flop_per_s
from recommender.units import GB

BYTES_OF_SIXTEEN, BYTES_OF_EIGHT = 2.0, 1.0
EIGHT_BIT_RATE = 2.0
"""Against 16 bits."""
FLOP_PER_PARAMETER = 2.0
DRAFTS = re.compile(r"specul|draft|eagle|medusa|lookahead|\bmtp\b", re.IGNORECASE)
CACHED_PROMPTS = re.compile(r"prefix|cached|cache hit", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastWork:
    """Least times of one row on the whole system [s]; 0 where the row leaves them open."""

    weights_s: float
    """Reading what a token passes."""
    sequence_s: float
    """Reading the cache of a sequence."""
    arithmetic_s: float
    """Of an output token."""
    prompt_s: float
    in_flight: float
    tokens_per_step: float

    @property
    def token_s(self) -> float:
        """Between two tokens of a request that has the whole system to itself."""
        return (self.weights_s + self.sequence_s) / self.tokens_per_step

    def decoded_s(self) -> float:
        """Per decoded token of all requests together."""
        read_s = self.weights_s / self.in_flight + self.sequence_s
        return max(read_s / self.tokens_per_step, self.arithmetic_s)

    def served_s(self, output_tokens: float) -> float:
        """Per output token of all requests together, with its share of a prompt."""
        computed_s = self.arithmetic_s + self.prompt_s / output_tokens
        return max(self.decoded_s(), computed_s)


def least_work_excess(
    questions: Sequence[Question], own: Sequence[float], calibration: Calibration
) -> Floats:
    """How many times faster rows are than these bounds, shape (n,); 0 where none applies.

    `own` are the measured values of the whole system [s, tokens/s or requests/s].
    """
    if not questions:
        return np.zeros(0)
    sequences = _sequence_bytes(questions, calibration)
    counts = {one.scenario.model.id: parameters(one.scenario.model) for one in questions}
    return np.array(
        [
            _excess(question, value, float(sequence), counts[question.scenario.model.id])
            for question, value, sequence in zip(questions, own, sequences, strict=True)
        ]
    )


def is_narrowed(weights: Format) -> bool:
    """Whether weights are stored in fewer bits than they are said to be computed in."""
    return weights.bytes_per_weight < BYTES_OF_SIXTEEN and weights.compute in SIXTEEN_BITS


def _excess(question: Question, own: float, sequence_bytes: float, count: Parameters) -> float:
    drafted = DRAFTS.search(question.row.notes) and not question.load.speculated_tokens
    if question.scenario.guessed_model or drafted or own <= 0:
        return 0.0
    work, name = _work(question, sequence_bytes, count), question.quantity.name
    times_s = _least_times(question, work)
    if name in times_s:
        return times_s[name] / own
    return own * _least_per_unit(question, work).get(name, 0.0)


def _work(question: Question, sequence_bytes: float, count: Parameters) -> LeastWork:
    one, row = question.scenario, question.row
    bytes_per_s = one.accelerators * one.accelerator.memory_bandwidth_gb_per_s * GB
    flop_per_s = one.accelerators * _flop_per_s(one)
    stated = math.inf if row.concurrency is None else row.concurrency
    free = one.accelerators * one.accelerator.memory_bytes
    free -= one.weights.bytes_per_weight * count.total
    held = max(free / sequence_bytes, 1.0) if one.lengths_reported else math.inf
    prompt = 0.0 if CACHED_PROMPTS.search(row.notes) else row.input_tokens or 0.0
    passed = count.active - count.head
    return LeastWork(
        weights_s=one.weights.bytes_per_weight * count.active / bytes_per_s,
        sequence_s=sequence_bytes / bytes_per_s if one.lengths_reported else 0.0,
        arithmetic_s=FLOP_PER_PARAMETER * count.active / flop_per_s,
        prompt_s=FLOP_PER_PARAMETER * passed * prompt / flop_per_s,
        in_flight=min(stated, held),
        tokens_per_step=1.0 + question.load.speculated_tokens,
    )


def _least_times(question: Question, work: LeastWork) -> dict[str, float]:
    """The least of each time [s]."""
    outputs = question.row.output_tokens or 1.0
    return {
        **dict.fromkeys(("tpot", "itl", "decode"), work.token_s),
        "decode_empty": work.weights_s / work.tokens_per_step,
        **dict.fromkeys(("ttft", "prefill"), work.prompt_s),
        "e2e": work.prompt_s + (outputs - 1) * work.token_s,
    }


def _least_per_unit(question: Question, work: LeastWork) -> dict[str, float]:
    """The least time per token or request of each rate [s]."""
    inputs, outputs = question.row.input_tokens, question.row.output_tokens
    found = {
        "decode_rate": work.decoded_s(),
        "output_rate": work.served_s(outputs or math.inf),
        "prefill_rate": work.prompt_s / (inputs or math.inf),
    }
    if inputs is not None and outputs is not None:
        request_s = outputs * work.served_s(outputs)
        found["request_rate"] = request_s
        found["total_rate"] = request_s / (inputs + outputs)
        found["input_rate"] = request_s / inputs
    return found


def _flop_per_s(scenario: Scenario) -> float:
    peak = peak_flop_per_s(scenario.accelerator, compute_format=scenario.weights.compute)
    return peak * (EIGHT_BIT_RATE if is_narrowed(scenario.weights) else 1.0)


def _sequence_bytes(questions: Sequence[Question], calibration: Calibration) -> Floats:
    """Cache of a sequence at its mean context, on all accelerators together, shape (n,) [B]."""
    whole = [
        replace(one.scenario, tp=1.0, pp=1.0, adp=1.0, ep=1.0, kv_bytes=_kv_bytes(one))
        for one in questions
    ]
    table = scenario_table(whole, calibration)
    return np.asarray(table.kv_bytes_per_token * table.context)


def _kv_bytes(question: Question) -> float:
    """Bytes per element of the cache: as stated, or at most one."""
    stated = question.row.kv_precision.casefold() not in ("", "auto")
    return question.scenario.kv_bytes if stated else min(question.scenario.kv_bytes, BYTES_OF_EIGHT)
