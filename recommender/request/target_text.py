"""Targets as people write them: `ttft p95 <= 150ms for input <= 1024 and output > 10`.

    METRIC [pNN[.N]] <= DURATION [for input|output OP TOKENS [and ...]]

METRIC is ttft, tpot, itl or e2e; OP is <=, <, >=, > or =. The percentile is left out only with
`--goodput`, which takes its place. Several targets are separated by `;` or given as a list.
"""

import re
from dataclasses import replace
from difflib import get_close_matches

from catalog.errors import did_you_mean
from recommender.request import quantity
from recommender.request.blanks import parts
from recommender.slo import EVERY_REQUEST, METRICS, Bucket, Metric, Target

EXAMPLE = "ttft p95 <= 150ms for input <= 1024"
LEAST_PERCENTILE, MOST_PERCENTILE = 0.5, 0.9999
BY_GOODPUT = 0.0
"""Percentile of a target that states none: goodput gives it one."""
MOST_TOKENS = 2_000_000
MOST_CHARACTERS = 500

_TARGET = re.compile(r"\s*([a-z0-9_]+)\s*(p[^\s<>=]*)?\s*(<=|>=|<|>|=)\s*(\S+)\s*(.*)$", re.I)
_LENGTH = re.compile(r"\s*([a-z]+)\s*(<=|>=|==?|<|>)\s*(\S+)\s*$", re.I)


def targets_of(value: object) -> object:
    """Parse one text, several separated by `;`, or a list of them; raises ValueError."""
    if isinstance(value, str):
        return tuple(target_of(part) for part in parts(value.strip().removesuffix(";"), ";"))
    if isinstance(value, list | tuple):
        return tuple(part if isinstance(part, Target) else target_of(part) for part in value)
    return (target_of(value),)


def target_of(value: object) -> Target:
    """One target; raises ValueError that says what would be right."""
    text = " ".join(str(value).replace("≤", "<=").replace("≥", ">=").split())
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"{len(text):,} characters are not a target; write it like {EXAMPLE!r}")
    match = _TARGET.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a target; write it like {EXAMPLE!r}")
    metric, percentile, sign, limit, rest = match.groups()
    if sign not in ("<=", "<"):
        raise ValueError(f"{text!r}: a latency is bounded from above; write <= for {sign}")
    target = Target(
        _metric(metric), quantity.duration_s(limit), _percentile(percentile, text), _bucket(rest)
    )
    if target.metric == "itl" and target.bucket != EVERY_REQUEST:
        raise ValueError(
            f"{text!r}: gaps between tokens are measured over all requests of an engine; leave "
            "the lengths out, or bound tpot for them"
        )
    return target


def written(target: Target) -> str:
    """The target as `target_of` reads it."""
    percentile = "" if target.percentile == BY_GOODPUT else f" p{100 * target.percentile:.10g}"
    bucket = "" if target.bucket == EVERY_REQUEST else f" for {target.bucket}"
    return f"{target.metric}{percentile} <= {quantity.duration_written(target.limit_s)}{bucket}"


def _metric(text: str) -> Metric:
    for metric in METRICS:
        if text.lower() == metric:
            return metric
    hint = did_you_mean(text, METRICS) or f"known are {', '.join(METRICS)}"
    raise ValueError(f"unknown metric {text!r}; {hint}")


def _percentile(text: str | None, target: str) -> float:
    if text is None:
        return BY_GOODPUT
    try:
        percent = float(text[1:])
    except ValueError:
        raise ValueError(f"{target!r}: {text!r} is not a percentile; write p99 or p99.9") from None
    if not 100 * LEAST_PERCENTILE <= percent <= 100 * MOST_PERCENTILE:
        raise ValueError(f"{target!r}: percentiles from p50 to p99.99 can be asked for")
    return round(percent / 100, 10)


def _bucket(text: str) -> Bucket:
    if not text:
        return EVERY_REQUEST
    word, _, conditions = text.partition(" ")
    if word.lower() != "for":
        # Not did_you_mean: near an `if` it would offer the `if`, which is as wrong.
        hint = "; did you mean for?" if get_close_matches(word.lower(), ["for", "if"], n=1) else ""
        raise ValueError(f"{text!r} after the limit is not `for input <= 1024`{hint}")
    bucket = EVERY_REQUEST
    for condition in re.split(r"\s+and\s+", conditions.strip(), flags=re.I):
        bucket = _narrowed(bucket, condition)
    return bucket


def _narrowed(bucket: Bucket, condition: str) -> Bucket:
    """The bucket within one more length limit; `<` and `>` become `<=` and `>=`."""
    match = _LENGTH.match(condition)
    if match is None:
        raise ValueError(f"{condition!r} is not a length limit; write it like input <= 1024")
    side, sign, text = match.groups()
    if side.lower() not in ("input", "output"):
        hint = did_you_mean(side, ("input", "output")) or "known are input, output"
        raise ValueError(f"unknown length {side!r}; {hint}")
    tokens = _tokens(text)
    name, least, most = side.lower(), None, None
    if sign in ("<=", "<", "=", "=="):
        most = tokens - (sign == "<")
    if sign in (">=", ">", "=", "=="):
        least = tokens + (sign == ">")
    old_least, old_most = _limits(bucket, name)
    least = max((x for x in (least, old_least) if x is not None), default=None)
    most = min((x for x in (most, old_most) if x is not None), default=None)
    if most is not None and (most < 1 or (least is not None and least > most)):
        raise ValueError(f"no {name} length meets {condition!r}: the bucket is empty")
    return _with_limits(bucket, name, least, most)


def _tokens(text: str) -> int:
    tokens = quantity.tokens(text)
    if tokens != int(tokens) or tokens > MOST_TOKENS:
        raise ValueError(f"{text!r} must be a whole number of tokens up to 2,000,000")
    return int(tokens)


def _limits(bucket: Bucket, side: str) -> tuple[int | None, int | None]:
    if side == "input":
        return bucket.min_input_tokens, bucket.max_input_tokens
    return bucket.min_output_tokens, bucket.max_output_tokens


def _with_limits(bucket: Bucket, side: str, least: int | None, most: int | None) -> Bucket:
    if side == "input":
        return replace(bucket, min_input_tokens=least, max_input_tokens=most)
    return replace(bucket, min_output_tokens=least, max_output_tokens=most)
