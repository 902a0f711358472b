"""A scorecard as text tables and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import wrap

from recommender.accuracy.fit.beyond_datasheet import LEAST_EXCESS
from recommender.accuracy.score import Key, Score
from recommender.accuracy.scorecard import Scorecard

WIDTH = 80
NARROWEST = 30
NAMES = 28
HEADER = (
    f"{'rows':>6} {'median':>7} {'mean':>7} {'bias':>7} {'<=20 %':>6} {'inside':>6} {'width':>6}"
)
NOTE = (
    "median, mean: |predicted/measured - 1|; bias: geometric mean; inside: share in the 90 %"
    " interval; width: median high/low. Published runs that the constants were fitted to score in"
    " sample; docs/accuracy.md has scores of rows that were held out."
)
BEYOND = (
    "impossible: not scored, as faster than the datasheet allows by more than"
    f" {100 * (LEAST_EXCESS - 1):.0f} % (times faster)"
)
FEWEST_ROWS = 5
"""Groups with fewer rows are left out of the text (not of the JSON)."""
WHOLE = ("kind", "kind, regime", "regime", "memory")


def scorecard_text(card: Scorecard, *, width: int = WIDTH) -> str:
    """Tables for a terminal of 80 columns; names are kept whole, on lines of their own if long.

    On narrower terminals the figures of a group stand in a sentence.
    """
    return "\n".join(_lines(card, max(min(width, WIDTH), NARROWEST)))


def scorecard_json(card: Scorecard) -> str:
    """All scores, refusals and the worst rows."""
    scores: dict[str, dict[str, dict[str, float]]] = {}
    for (by, name), score in card.scores.items():
        scores.setdefault(by, {})[name] = {
            key: round(value, 4) for key, value in asdict(score).items()
        }
    refused = [
        {"kind": kind, "reason": reason, "rows": rows}
        for (kind, reason), rows in card.refused.most_common()
    ]
    content = {
        "rows": card.rows,
        "refused_rows": card.refused.total(),
        "without_value": card.without_value,
        "scores": scores,
        "refused": refused,
        "worst": [asdict(row) for row in card.worst],
        "impossible_rows": card.impossible_rows,
        "impossible": [asdict(row) for row in card.impossible],
    }
    return json.dumps(content, indent=2, allow_nan=False)


def _lines(card: Scorecard, width: int) -> Iterator[str]:
    without = f", {card.without_value} without a value" if card.without_value else ""
    beyond = f", {card.impossible_rows} impossible" if card.impossible_rows else ""
    counts = f"{card.rows} rows: {card.scored} scored, {card.refused.total()} refused"
    yield from wrap(f"{counts}{without}{beyond}", width)
    if card.scored:
        yield from wrap(NOTE, width)
    by = ""
    for key, score in card.scores.items():
        if key[0] not in WHOLE and score.rows < FEWEST_ROWS:
            continue
        if key[0] != by:
            by = key[0]
            yield ""
            yield f"by {by}" if width < WIDTH else f"{'by ' + by:{NAMES}} {HEADER}"
        yield from _sentence(key, score, width) if width < WIDTH else _score(key, score)
    if card.refused:
        yield ""
        yield "refused"
        for (kind, reason), rows in card.refused.most_common():
            yield from _hanging(f"{rows:6}  ", f"{kind}: {reason}", width)
    yield from _beyond(card, width)
    if card.worst:
        yield ""
        yield f"worst {len(card.worst)} rows (predicted / measured)"
        for row in card.worst:
            ratio = row.predicted / row.measured
            name = f"{row.id} {row.model} on {row.accelerator}: {row.metric}"
            yield from _hanging(f"{ratio:8.3g}  ", name, width)


def _beyond(card: Scorecard, width: int) -> Iterator[str]:
    """Rows that are no part of the scores."""
    if not card.impossible:
        return
    yield ""
    more = card.impossible_rows - len(card.impossible)
    yield from wrap(f"{BEYOND}{f'; {more} more' if more else ''}", width)
    for row in card.impossible:
        name = f"{row.id} {row.model} on {row.accelerator}: {row.metric}"
        yield from _hanging(f"{row.times_faster:8.3g}  ", name, width)


def _score(key: Key, score: Score) -> Iterator[str]:
    *above, name = wrap(key[1], NAMES) or [""]
    yield from above
    yield (
        f"{name:{NAMES}} {score.rows:6} {_figure(score.median_error_pct):>6}%"
        f" {_figure(score.mean_error_pct):>6}% {_figure(score.bias_pct, '+'):>6}%"
        f" {score.within_20_pct:5.0f}% {score.coverage_pct:5.0f}% {_figure(score.width, '', 2):>6}"
    )


def _figure(value: float, sign: str = "", digits: int = 1) -> str:
    """A figure that fits its column, however large."""
    plain = f"{value:{sign}.{digits}f}"
    return plain if len(plain) <= 6 else f"{value:{sign}.0e}".replace("e+", "e")


def _sentence(key: Key, score: Score, width: int) -> list[str]:
    figures = (
        f"{score.rows} rows, median {score.median_error_pct:.1f} %, mean"
        f" {score.mean_error_pct:.1f} %, bias {score.bias_pct:+.1f} %, within 20 %:"
        f" {score.within_20_pct:.0f} %, inside {score.coverage_pct:.0f} %, width {score.width:.2f}"
    )
    return wrap(f"{key[1]}: {figures}", width, subsequent_indent="  ")


def _hanging(start: str, text: str, width: int) -> list[str]:
    """The text behind a figure, on as many lines as it takes."""
    return wrap(text, width, initial_indent=start, subsequent_indent=" " * len(start))
