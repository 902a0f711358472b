"""Own runs of one kind only: which parts of the step time they hardly show, and what that costs."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from measurement_rows import questions, row
from run_rows import CALIBRATION, PLANNED, write_rows

from catalog import load
from catalog.calibration import load_calibration
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.own_runs import correct
from recommender.accuracy.fit.untried import (
    PARTS,
    SLOWER,
    _log_times,
    untested,
    untried,
    untried_in_words,
)
from recommender.accuracy.prediction import in_unit, own_values
from recommender.commands.calibrate_command import command
from recommender.performance.constants import COMPUTE_SHARES
from recommender.request.request import resolve
from recommender.request.spec_file import make_spec

LENGTHS = ("isl", "osl", "concurrency_or_batch")
SMALL = {"model": "Llama-3.1-8B", "precision_weights": "bf16", "gpu_count": 1, "tp": 1}
RATE = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
SLOW_ARITHMETIC = replace(
    PLANNED,
    step_constants=tuple(
        one.model_copy(update={name: 0.7 * getattr(one, name) for name in COMPUTE_SHARES})
        for one in PLANNED.step_constants
    ),
)
"""What is to be found out: multiplications at 0.7 of what is shipped."""


def runs(settings_of_runs, truth=SLOW_ARITHMETIC, **changes):
    """Rows of a small model at (prompt, answer, load), with the values of `truth`."""
    rows = [
        row(**{**SMALL, "isl": i, "osl": o, "concurrency_or_batch": load, **changes})
        for i, o, load in settings_of_runs
    ]
    asked = understood(rows).questions
    values = zip(rows, asked, own_values(asked, truth), strict=True)
    return [{**one, "value": str(in_unit(question, own))} for one, question, own in values]


ALONE = [(i, o, 1) for i in (512, 2048) for o in (64, 256, 1024)]
SWEEP = [(i, 256, load) for i in (512, 2048) for load in (1, 4, 16, 64)]
LONG_PROMPTS = [(8192, 64, 2**n) for n in range(7)]
ONE_TOKEN = [(i, 1, load) for i in (512, 1024, 4096) for load in (1, 8, 64)]


def parts(records):
    asked = understood(records).questions
    return {one.part.name: one.rows for one in untried(asked, PLANNED)}


def test_runs_of_one_kind_hardly_show_the_rest():
    assert parts(runs(ALONE)) == {"arithmetic": 0}
    assert parts(runs(SWEEP)) == {}
    assert parts(runs(LONG_PROMPTS)) == {}
    prompts_only = parts(runs(ONE_TOKEN, **RATE))
    assert prompts_only == {"reading memory": 0, "launches and scheduling": 0}


def test_one_run_at_load_moves_no_median():
    few = [*ALONE * 3, (1024, 256, 64)]
    assert parts(runs(few)) == {"arithmetic": 1}
    assert parts(runs([*ALONE, (1024, 256, 64), (2048, 256, 64)])) == {}  # 2 of 8 are a fifth


def off_by(records, setting):
    """Predicted rate over the true one, minus 1, with constants of these runs."""
    calibration, _ = correct(understood(records), CALIBRATION, source="test")
    asked = questions({**SMALL, **RATE, **dict(zip(LENGTHS, setting, strict=True))})
    found, true = (own_values(asked, one)[0] for one in (calibration, SLOW_ARITHMETIC))
    return found / true - 1


def test_what_is_carried_from_one_request_to_many():
    """The figures of the module: one request in flight leaves things as shipped."""
    assert off_by(runs(ALONE), (1024, 256, 64)) == pytest.approx(0.05, abs=0.01)
    assert off_by(runs(ALONE), (8192, 64, 64)) == pytest.approx(0.16, abs=0.01)
    assert off_by(runs(LONG_PROMPTS), (1024, 256, 64)) == pytest.approx(-0.09, abs=0.01)
    assert off_by(runs(LONG_PROMPTS), (8192, 64, 64)) == pytest.approx(0.05, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(
    inputs=st.integers(64, 16_000),
    outputs=st.integers(32, 2000),
    load=st.sampled_from([1, 4, 16, 64, 256]),
)
def test_more_at_a_time_shows_no_less_arithmetic(inputs, outputs, load):
    """A run that shows it at one load shows it at twice the load."""
    once, twice = (
        any(part.part is PARTS[0] for part in untried(asked, PLANNED))
        for asked in (
            questions({**SMALL, **dict(zip(LENGTHS, (inputs, outputs, n), strict=True))})
            for n in (load, 2 * load)
        )
    )
    assert once >= twice


def test_calibrate_says_how_far_the_runs_reach(tmp_path):
    path = write_rows(tmp_path / "runs.csv", runs(ALONE))
    said = CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "o")]).stdout
    where = "untested with more requests in flight or more prompt tokens per answer token"
    assert (
        "vllm (dense): 6 rows of 1 request in flight, 512 to 2,048 prompt tokens, 64 to 1,024"
        " answer tokens; a tenth of the time or more goes into arithmetic in none of them: the"
        f" factor is {where}\n"
    ) in said
    made = load_calibration(tmp_path / "o").constants(engine="vllm", kind="dense")
    assert made.note.endswith(where)
    spec = make_spec({"model": "8b", "qps": "5", "p99": "1s", "calibration": str(tmp_path / "o")})
    assert any(where in one.value for one in resolve(spec, load()).assumptions)


def test_calibrate_says_nothing_of_runs_that_show_all(tmp_path):
    path = write_rows(tmp_path / "runs.csv", runs(SWEEP))
    said = CliRunner().invoke(command, [str(path), "-o", str(tmp_path / "o")]).stdout
    assert "8 different runs" in said and "untested" not in said
    made = load_calibration(tmp_path / "o").constants(engine="vllm", kind="dense")
    assert "untested" not in made.note


def test_new_silicon_has_the_note_itself():
    records = runs(ALONE, PLANNED, gpu="AMD MI355X")
    slower = [{**one, "value": str(1.4 * float(one["value"]))} for one in records]
    calibration, (done,) = correct(understood(slower), CALIBRATION, source="test")
    (deviation,) = [one for one in calibration.deviations if one.source == "test"]
    assert deviation.note.endswith(
        "untested with more requests in flight or more prompt tokens per answer token"
    )
    assert done.untried.startswith("6 rows of 1 request in flight")
    others = {one.engine: one.note for one in calibration.step_constants if one.kind == "dense"}
    assert "untested" not in others["vllm"]


def test_reach_in_words():
    asked = questions({**SMALL, "concurrency_or_batch": 1.25}, {**SMALL, "isl": 1024.4})
    found = untried(asked[:1], PLANNED)
    assert untried_in_words(asked, found).startswith(
        "2 rows of 1.2 to 16 requests in flight, 1,024 prompt tokens, 256 answer tokens; "
    )
    unknown = questions({**SMALL, **RATE, "metric": "output_throughput_offline",
                         **dict.fromkeys(LENGTHS, "")})  # fmt: skip
    assert "1 row of no stated load or lengths" in untried_in_words(unknown, found)
    assert untried_in_words(asked, ()) == untested(()) == ""


def test_parts_are_all_of_a_run_where_nothing_overlaps():
    """One request: weights and cache are read, and launches wait; a tenth more of each is a tenth
    more of the time.
    """
    asked = questions({**SMALL, "concurrency_or_batch": 1})
    time = _log_times(asked, PLANNED, None)
    shares = [
        float((_log_times(asked, PLANNED, part) - time)[0] / np.log(SLOWER)) for part in PARTS
    ]
    assert sum(shares) == pytest.approx(1, abs=0.03)
    assert shares[0] < 0.01 and shares[1] > 0.6
