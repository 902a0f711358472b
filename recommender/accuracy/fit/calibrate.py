"""What `recommend calibrate` does: correct the shipped constants, or fit all anew."""

import datetime
import math
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from catalog.calibration import load_calibration
from catalog.calibration_rows import OWN_RUNS
from recommender.accuracy.engine_names import UNKNOWN
from recommender.accuracy.fit.calibration_writer import new_folder, write_corrected
from recommender.accuracy.fit.doubtful_rows import contradicting
from recommender.accuracy.fit.impossible_rows import impossible_rows
from recommender.accuracy.fit.in_words import counted, times_in_words
from recommender.accuracy.fit.measured import Measured, refusals, understood
from recommender.accuracy.fit.own_errors import Claimed
from recommender.accuracy.fit.own_margin import FEWEST_RUNS
from recommender.accuracy.fit.own_runs import MOST_LEFT, SPEEDS, Correction, correct, corrigible
from recommender.accuracy.fit.refit import refit
from recommender.accuracy.fit.run_reports import Bench, report_records
from recommender.accuracy.measurement import COLUMNS
from recommender.accuracy.names import Names
from recommender.accuracy.row_file import open_rows, size_of
from recommender.errors import SpecError

REPORTS = (".json", ".jsonl")
"""Endings of reports of load generators; other files are measurement tables."""
MOST_NAMED = 3
"""Deployments without errors of their own that have a line each."""
MOST_REASONS = 3
"""Why rows are left out, in the sentence of an error."""
MOST_ROWS = 100_000
"""They are held together, at 6 kB each."""
MOST_CHARACTERS = 512 << 20
"""Of all rows, each cell with what it takes beside its text (`size_of`)."""
MOST_LEFT_OUT, MOST_PROBLEMS = 30, 1000
"""Reasons that have a line each, and those of broken rows that are told apart."""

WORSE = (
    ": WORSE than as shipped. The shipped constants of an engine's version were fitted to published"
    " runs: where these rows are among them they know them already, and one factor for all versions"
    " fits them less; keep the shipped ones then"
)

OTHER_PROBLEMS = "broken in other ways"


def correct_to_runs(
    runs: Sequence[Path], bench: Bench, output: Path, names: Names | None = None
) -> Iterator[str]:
    """Write a corrected calibration; yields one line per engine.

    `names` are those of a catalogue with overlays; by default of the shipped one.
    """
    records, refused = _read(runs, bench)
    measured = understood(records, names)
    refused += refusals(records, names)
    shipped = load_calibration()
    impossible, too_fast = impossible_rows(measured, shipped)
    refused += too_fast
    measured = measured.where(~impossible)
    contrary, settings = contradicting(measured, SPEEDS)
    refused += settings
    measured = measured.where(~contrary)
    refused += _of_other_kinds(measured)
    known = [question.scenario.engine != UNKNOWN for question in measured.questions]
    measured = measured.where(known)
    if not all(known):
        refused.append(f"{counted(known.count(False), 'row')}: of no engine that plans know")
    source = f"{OWN_RUNS}: {', '.join(path.name for path in runs)}"
    try:
        measured, apart = corrigible(measured, shipped)
        refused += apart
        calibration, corrections = correct(measured, shipped, source=source)
    except SpecError as error:
        raise SpecError(f"{error}{_left_out(refused)}") from None
    with new_folder(output) as folder:
        write_corrected(folder, calibration)
    for done in corrections:
        yield _corrected(done)
        if done.untried:
            yield f"{_name(done)}: {done.untried}"
        yield from done.far_off
        yield from _claims(done.claimed)
    yield from (f"left out: {line}" for line in refused[:MOST_LEFT_OUT])
    if more := refused[MOST_LEFT_OUT:]:
        yield f"left out: {counted(len(more), 'more reason')}; `predict` names every row"
    yield f"wrote {output}"


def _left_out(lines: Sequence[str]) -> str:
    """Why rows are missing where the rest is too little, short enough for one line."""
    if not lines:
        return ""
    more = f"; and {counted(len(lines) - MOST_REASONS, 'more reason')}"
    text = "; ".join(lines[:MOST_REASONS])
    return f"; left out: {text}{more if len(lines) > MOST_REASONS else ''}"


def _of_other_kinds(measured: Measured) -> list[str]:
    """Rows that correct nothing."""
    others = Counter(q.row.kind for q in measured.questions if q.row.kind not in SPEEDS)
    return [
        f"{counted(rows, 'row')} of {kind}: only TPOT, throughput and end-to-end time correct"
        " constants"
        for kind, rows in others.items()
    ]


def _corrected(done: Correction) -> str:
    """What was scaled, which way, and what errors were and are."""
    where = " only, which was not fitted" if done.silicon else ""
    far = abs(math.log(done.left)) >= MOST_LEFT
    left = (
        f"; measured times are still {done.left:.3f} times the predicted ones: kernels would have"
        " to reach more of the datasheet's peaks than any does; check format, lengths and load"
    )
    return (
        f"{_name(done)}{where}: {counted(done.rows, 'row')} of TPOT, throughput and end-to-end"
        f" time, of {_different(done.runs)};"
        f" in plans, {times_in_words(done.factor)}, rates x {1 / done.factor:.3f}; `predict`, which"
        f" knows versions, was off by {done.median_error_before_pct:.1f} % in the median,"
        f" and is by {done.median_error_after_pct:.1f} % with these constants (the same rows)"
        f"{WORSE if _is_worse(done) else ''}{left if far else ''}"
    )


def _is_worse(done: Correction) -> bool:
    """Whether the error that is shown grows."""
    before, after = done.median_error_before_pct, done.median_error_after_pct
    return round(after, 1) > round(before, 1)


def _name(done: Correction) -> str:
    engine, kind = done.cell
    return f"{engine} ({kind}){f' on {done.silicon}' if done.silicon else ''}"


def _different(runs: int) -> str:
    return f"{runs} different runs" if runs > 1 else "one run, which says little of others"


def _claims(claimed: Sequence[Claimed]) -> Iterator[str]:
    """What runs say of the errors of their deployments; many that say nothing are one line."""
    yield from (str(one) for one in claimed if one.row is not None)
    few = [one for one in claimed if one.row is None]
    if len(few) <= MOST_NAMED:
        yield from map(str, few)
        return
    yield (
        f"{len(few)} deployments: errors as shipped; at most"
        f" {counted(max(one.runs for one in few), 'different run')} of each, at least"
        f" {FEWEST_RUNS} are needed for errors of its own"
    )


def refit_all(
    runs: Sequence[Path], wheel: Path | None, output: Path, *, report: Callable[[str], None]
) -> None:
    """Fit all constants and their errors, and write them.

    Raises
    ------
    SpecError
        A file is missing or not what it should be.
    """
    for path in runs:
        with open_rows(path):  # says what is wrong with it
            pass
    if wheel is not None and not wheel.exists():
        raise SpecError(f"{wheel} does not exist")
    if wheel is not None and wheel.is_file() and not zipfile.is_zipfile(wheel):
        raise SpecError(f"{wheel} is not a wheel")
    try:
        with new_folder(output) as folder:
            refit(runs, wheel, folder, day=datetime.date.today(), report=report)
    except FileNotFoundError as error:
        raise SpecError(str(error)) from None


def _read(runs: Sequence[Path], bench: Bench) -> tuple[list[Mapping[str, str]], list[str]]:
    """All rows, and why others cannot be read."""
    twice = [path for path, count in Counter(path.resolve() for path in runs).items() if count > 1]
    if twice:
        raise SpecError(f"{twice[0]} is there twice")
    records: list[Mapping[str, str]] = []
    left_out: list[str] = []
    characters = 0
    for path in runs:
        if path.suffix.lower() in REPORTS:
            found, reasons = report_records(path, bench)
        else:
            found, reasons = _table(path)
        characters += sum(map(size_of, found))
        records += found
        left_out += reasons
        _check_size(path, len(records), characters)
    return records, left_out


def _check_size(path: Path, rows: int, characters: int) -> None:
    """Refuse more rows, or text in them, than are held together."""
    if rows > MOST_ROWS:
        raise SpecError(f"{path}: more than {MOST_ROWS:,} rows; keep your own runs")
    if characters > MOST_CHARACTERS:
        raise SpecError(
            f"{path}: rows of more than {MOST_CHARACTERS >> 20} MiB; keep your own runs"
        )


def _table(path: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Rows of a table, in the columns of the format, and why others are broken."""
    records: list[dict[str, str]] = []
    broken: Counter[str] = Counter()
    first: dict[str, int] = {}
    characters = 0
    with open_rows(path) as (header, rows):
        kept = [name for name in header if name in COLUMNS]
        for number, (record, problem) in enumerate(rows, start=1):
            if problem:
                known = problem in broken or len(broken) < MOST_PROBLEMS
                key = problem if known else OTHER_PROBLEMS
                broken[key] += 1
                first.setdefault(key, number)
                continue
            records.append({name: record[name] for name in kept})
            characters += size_of(records[-1])
            _check_size(path, len(records), characters)
    return records, [
        f"{counted(count, 'row')}: {problem} (row {first[problem]} of {path.name}"
        f"{' is the first' if count > 1 else ''})"
        for problem, count in broken.most_common()
    ]
