"""The error of a row by the user's own runs of the same deployment, near its lengths and load."""

from catalog.calibration import Calibration, OwnError
from recommender.accuracy.error_kind import error_kind
from recommender.accuracy.question import Question
from recommender.accuracy.scenario_setting import setting_of
from recommender.performance.own_reach import is_near, own_errors_of
from recommender.sizing.concurrency import mean_context_tokens


def own_error_of(question: Question, calibration: Calibration) -> OwnError | None:
    """The error, with an interval; None where own runs do not speak for the row."""
    one = question.scenario
    if not calibration.own_errors or one.input_tokens is None or not one.output_tokens:
        return None
    if one.guessed_model or one.cell != one.engine or question.load.speculated_tokens:
        return None
    if one.concurrency is None or not (one.layout_reported and one.lengths_reported):
        return None
    rows = own_errors_of(
        calibration,
        model=one.model,
        accelerator=one.accelerator,
        engine=one.engine,
        kind=error_kind(question),
    )
    row = rows.get(setting_of(one))
    if row is None or row.low is None or row.high is None:
        return None
    context = mean_context_tokens(
        mean_output_tokens=one.output_tokens,
        mean_input_times_output=one.input_tokens * one.output_tokens,
        mean_output_squared=one.output_tokens**2,
    )
    near = is_near(
        row,
        context_tokens=context,
        prompt_per_output=one.input_tokens / one.output_tokens,
        sequences=one.concurrency,
    )
    return row if near.all() else None
