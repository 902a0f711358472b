"""Step laws from measured operators where there are any, from the calibrated roofline elsewhere.

A law through the times t of `measured`, around the operating point of `linearise`:

    g = [t(B_hi, 2c) - t(B_hi, c)] / (B_hi*c)        L(B) = t(B, c) - g*B*c
    a, b: chord of L through B_hi/8 and B_hi, half of its deviation in the middle shared out
    q = [prompt(P, c) - prompt(P, 0)] / (P*c)
    d = [mixed(P, B_m) - t(B_m, c) - q*P^2/2] / P

Symbol  Meaning                                                             Unit
c, P    mean context; prompt tokens in a step (`linearise`)                 tokens

The energy of the work and all limits stay those of the roofline. A law says which basis it has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catalog.calibration import Calibration
from recommender.layout import Layout
from recommender.performance.linearise import RANGE, chord
from recommender.performance.measured import StepTimes
from recommender.performance.moments import Moments
from recommender.performance.step_law import StepLaw
from recommender.sizing.concurrency import concurrent_sequences

Source = Callable[[Layout], StepTimes | None]


@dataclass(frozen=True, slots=True)
class MeasuredLine:
    """Coefficients of one replica [s], and the error of the line."""

    a: float
    b: float
    g: float
    d: float
    q: float
    error: float


def layered_laws(
    law: StepLaw,
    layouts: Sequence[Layout],
    source: Source,
    *,
    moments: Moments,
    calibration: Calibration,
    engine: str,
) -> StepLaw:
    """The laws of these layouts, arrays of shape (n,), with measured ones in their places."""
    names = ("a", "b", "g", "d", "q", "rel_error", "basis")
    columns = {name: np.array(getattr(law, name)) for name in names}
    spread = calibration.log_error(basis="measured", engines=(engine,))
    for position, layout in enumerate(layouts):
        times = source(layout)
        line = None if times is None else measured_line(times, law.take(position), moments)
        if line is None:
            continue
        for name in ("a", "b", "g", "d", "q"):
            columns[name][position] = getattr(line, name)
        columns["rel_error"][position] = np.hypot(spread, line.error)
        columns["basis"][position] = "measured"
    return replace(law, **columns)


def measured_line(times: StepTimes, law: StepLaw, moments: Moments) -> MeasuredLine | None:
    """The line through measured times around the operating point of a law; None without them."""
    context = max(round(float(moments.context_tokens)), 1)
    together = concurrent_sequences(
        max_batch=law.max_batch, kv_tokens=law.kv_tokens, mean_context_tokens=context
    )
    full = float(together)
    high = max(round(full), 2)
    low = max(round(high / RANGE), 1)
    middle = max(round((low * high) ** 0.5), 1)
    room = float(law.chunk_tokens) - middle
    prompt = max(round(min(room, float(moments.prompt_tokens))), 1)
    found = (
        times.decode_s(low, context),
        times.decode_s(middle, context),
        times.decode_s(high, context),
        times.decode_s(high, 2 * context),
        times.prompt_s(prompt, 0),
        times.prompt_s(prompt, context),
        times.mixed_s(prompt, middle, context),
    )
    known = [value for value in found if value is not None]
    if len(known) < len(found):
        return None
    at_low, at_middle, at_high, longer, alone, after, mixed = known
    g = max((longer - at_high) / (high * context), 0.0)
    linear = [
        value - g * count * context
        for value, count in ((at_low, low), (at_high, high), (at_middle, middle))
    ]
    a, b, bend = chord(*linear, low=low, high=high, middle=middle)
    q = max((after - alone) / (prompt * context), 0.0)
    d = (mixed - at_middle - q * prompt**2 / 2) / prompt
    if min(float(a), float(b), d) <= 0.0:
        return None  # tables too coarse here for a law
    return MeasuredLine(float(a), float(b), g, d, q, abs(float(bend)) / 2)
