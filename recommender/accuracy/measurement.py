"""One row of the measurement format, without its value.

Columns: id, source, kind, model, params_total_b, params_active_b, precision_weights,
precision_kv, engine, engine_version, gpu, gpu_count, nodes, tp, pp, dp, ep, isl, osl,
concurrency_or_batch, qps, metric, value, unit, notes. Blank means not reported.

`value` and `source` are not fields: a prediction cannot read what it is to predict, nor who
published it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.errors import did_you_mean

COLUMNS = [
    "id",
    "source",
    "kind",
    "model",
    "params_total_b",
    "params_active_b",
    "precision_weights",
    "precision_kv",
    "engine",
    "engine_version",
    "gpu",
    "gpu_count",
    "nodes",
    "tp",
    "pp",
    "dp",
    "ep",
    "isl",
    "osl",
    "concurrency_or_batch",
    "qps",
    "metric",
    "value",
    "unit",
    "notes",
]
UNUSED = ("params_active_b", "qps")
"""Numbers that no prediction needs, yet a row in which they are none is broken."""
READ = tuple(name for name in COLUMNS if name not in ("id", "source", "value"))
KINDS = ("throughput", "ttft", "tpot", "e2e", "memory", "power", "training")
WHOLE = ("gpu_count", "nodes", "tp", "pp", "dp", "ep")
LIMITS = {
    **dict.fromkeys(WHOLE, (1, 1_000_000)),
    **dict.fromkeys(("isl", "osl"), (1, 100_000_000)),
    "concurrency_or_batch": (1e-6, 10_000_000),
    **dict.fromkeys(("params_total_b", "params_active_b"), (1e-4, 1_000_000)),
    "qps": (1e-9, 1e9),
}
"""Least and most of each number: far beyond any run, near enough for sums to stay finite."""
LEAST_VALUE, MOST_VALUE = 1e-9, 1e15
"""Nothing that is measured is outside, in any unit: such a value is none."""
BLANK = "blank is what is not reported"
NAMES = ("kind", "model", "metric", "unit")
"""What a row cannot be without; nor without `gpu`, unless it is about a file."""
LONGEST_TEXT, LONGEST_NOTES = 300, 20_000
"""Characters of a cell that is read: looking for names and numbers takes the square of it."""


class Malformed(ValueError):
    """A row that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What was measured, and on what; None is not reported."""

    kind: str
    model: str
    total_params_b: float | None
    precision: str
    kv_precision: str
    engine: str
    engine_version: str
    accelerator: str
    accelerators: float | None
    nodes: float | None
    tp: float | None
    pp: float | None
    dp: float | None
    ep: float | None
    input_tokens: float | None
    output_tokens: float | None
    concurrency: float | None
    metric: str
    unit: str
    notes: str


def parse_measurement(record: Mapping[str, str | None]) -> Measurement:
    """Read one row.

    Raises
    ------
    Malformed
        An unknown kind, a blank name, an endless text, or a number that is not one, not finite,
        not positive, broken where only a count makes sense, or beyond any run.
    """
    text = {name: (record.get(name) or "").strip() for name in READ}
    for name, cell in text.items():
        longest = LONGEST_NOTES if name == "notes" else LONGEST_TEXT
        if len(cell) > longest:
            raise Malformed(f"{name} is longer than {longest:,} characters")
    blank = [name for name in NAMES if not text[name]]
    if blank:
        raise Malformed(f"{' and '.join(blank)} {'is' if len(blank) == 1 else 'are'} blank")
    if text["kind"] not in KINDS:
        hint = did_you_mean(text["kind"], KINDS)
        known = f"kind {text['kind']!r} is not one of {', '.join(KINDS)}"
        raise Malformed(f"{known}; {hint}" if hint else known)
    for name in UNUSED:
        _number(text, name)
    return Measurement(
        kind=text["kind"],
        model=text["model"],
        total_params_b=_number(text, "params_total_b"),
        precision=text["precision_weights"],
        kv_precision=text["precision_kv"],
        engine=text["engine"],
        engine_version=text["engine_version"],
        accelerator=text["gpu"],
        accelerators=_number(text, "gpu_count"),
        nodes=_number(text, "nodes"),
        tp=_number(text, "tp"),
        pp=_number(text, "pp"),
        dp=_number(text, "dp"),
        ep=_number(text, "ep"),
        input_tokens=_number(text, "isl"),
        output_tokens=_number(text, "osl"),
        concurrency=_number(text, "concurrency_or_batch"),
        metric=text["metric"],
        unit=text["unit"],
        notes=text["notes"],
    )


def measured_value(record: Mapping[str, str]) -> float | None:
    """The measured value of a row; None where the cell is blank.

    Raises
    ------
    Malformed
        It is no number, not finite, not positive, or beyond anything that is measured.
    """
    text = (record.get("value") or "").strip()
    if not text:
        return None
    value = _positive("value", text)
    if not LEAST_VALUE <= value <= MOST_VALUE:
        raise Malformed(f"value {text} is not between {LEAST_VALUE:g} and {MOST_VALUE:g}")
    return value


def _number(text: Mapping[str, str], name: str) -> float | None:
    if not text[name]:
        return None
    value = _positive(name, text[name])
    if name in WHOLE and not value.is_integer():
        raise Malformed(f"{name} {text[name]} is not a whole number")
    least, most = LIMITS[name]
    if not least <= value <= most:
        raise Malformed(f"{name} {text[name]} is not between {least:,g} and {most:,}")
    return value


def _positive(name: str, text: str) -> float:
    if len(text) > LONGEST_TEXT:
        raise Malformed(f"{name} is longer than {LONGEST_TEXT:,} characters")
    try:
        value = float(text)
    except ValueError:
        form = "as 1024 or 0.5, without separators and units" if _has_digits(text) else BLANK
        raise Malformed(f"{name} {text!r} is not a number; {form}") from None
    if not math.isfinite(value) or value <= 0:
        raise Malformed(f"{name} {text} is not a positive, finite number")
    return value


def _has_digits(text: str) -> bool:
    return any(map(str.isdigit, text))
