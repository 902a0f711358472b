"""A scorecard as text tables and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from recommender.accuracy.score import Key, Score
from recommender.accuracy.scorecard import Scorecard

HEADER = (
    f"{'':34} {'rows':>6} {'median':>7} {'mean':>7} {'bias':>7} {'<=20 %':>7} {'inside':>7}"
    f" {'width':>6}"
)
NOTE = (
    "median, mean: |predicted/measured - 1|; bias: geometric mean; inside: share in the 90 %"
    " interval; width: median high/low"
)
FEWEST_ROWS = 5
"""Groups with fewer rows are left out of the text (not of the JSON)."""
WHOLE = ("kind", "kind, regime", "regime", "memory")


def scorecard_text(card: Scorecard) -> str:
    """Tables for a terminal of 90 columns."""
    return "\n".join(_lines(card))


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
    }
    return json.dumps(content, indent=2, allow_nan=False)


def _lines(card: Scorecard) -> Iterator[str]:
    scored = card.rows - card.refused.total() - card.without_value
    yield f"{card.rows} rows: {scored} scored, {card.refused.total()} refused" + (
        f", {card.without_value} without a value" if card.without_value else ""
    )
    yield NOTE
    by = ""
    for key, score in card.scores.items():
        if key[0] not in WHOLE and score.rows < FEWEST_ROWS:
            continue
        if key[0] != by:
            by = key[0]
            yield ""
            yield f"{'by ' + by:34}{HEADER[34:]}"
        yield _line(key, score)
    if card.refused:
        yield ""
        yield "refused"
        for (kind, reason), rows in card.refused.most_common():
            yield f"{rows:6}  {kind}: {reason}"
    if card.worst:
        yield ""
        yield f"worst {len(card.worst)} rows (predicted / measured)"
        for row in card.worst:
            ratio = row.predicted / row.measured
            yield f"{ratio:8.3g}  {row.id} {row.model} on {row.accelerator}: {row.metric}"


def _line(key: Key, score: Score) -> str:
    return (
        f"{key[1][:34]:34} {score.rows:6} {score.median_error_pct:6.1f}%"
        f" {score.mean_error_pct:6.1f}% {score.bias_pct:+6.1f}%"
        f" {score.within_20_pct:6.0f}% {score.coverage_pct:6.0f}%"
        f" {score.width:6.2f}"
    )
