"""Own rows that are doubtful, in words: settings that contradict themselves, and rows far off.

Rows that are faster than their hardware are no measurement of any setting, and are left out before
(`impossible_rows`): 4 ms, where 5.2 are possible, says nothing against 9 ms of the same setting,
while 9 ms and 18 ms say that something differs that nobody wrote down. Means of lengths and of
requests in flight that lie within 3 % of each other are one setting: load generators draw them.

    far off:  |log(measured time / predicted time with the corrected constants)| > log 2
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from recommender.accuracy.fit.contradictions import Setting, contradictory, setting_of
from recommender.accuracy.fit.fit_data import divisor
from recommender.accuracy.fit.in_words import counted
from recommender.accuracy.fit.measured import Measured
from recommender.accuracy.question import Question
from recommender.performance.layout_table import Floats

FAR = 2.0
ALIKE = 1.03
MOST_NAMED = 3


def contradicting(
    measured: Measured, kinds: Collection[str]
) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Rows of these kinds whose settings contradict themselves, shape (n,), and a line of each
    setting.
    """
    if not measured.questions:
        return np.zeros(0, dtype=np.bool_), []
    questions = _of_equal_means([_in_our_unit(question) for question in measured.questions])
    pairs = zip(measured.values, measured.questions, strict=True)
    contrary = contradictory(questions, [value * divisor(question) for value, question in pairs])
    contrary &= np.array([question.row.kind in kinds for question in questions], dtype=np.bool_)
    rows: dict[Setting, list[int]] = {}
    for index in np.flatnonzero(contrary).tolist():
        rows.setdefault(setting_of(questions[index]), []).append(index)
    named = [_contradiction(measured, index) for index in list(rows.values())[:MOST_NAMED]]
    others = list(rows.values())[MOST_NAMED:]
    if others:
        count = counted(sum(map(len, others)), "row")
        named.append(f"{count}: {counted(len(others), 'other setting')} that contradict themselves")
    return contrary, named


def far_off(measured: Measured, slower: Floats) -> Iterator[str]:
    """A line of each row that stays far off; `slower` is log(measured time / predicted time)."""
    far = np.flatnonzero(np.abs(slower) > math.log(FAR))
    furthest = far[np.argsort(-np.abs(slower[far]), kind="stable")].tolist()
    for index in furthest[:MOST_NAMED]:
        question, value = measured.questions[index], measured.values[index]
        sign = 1.0 if question.row.kind == "throughput" else -1.0
        predicted = value * math.exp(sign * float(slower[index]))
        yield (
            f"kept, though more than twice off: {value:g} {question.row.unit} where"
            f" {predicted:.3g} is predicted with these constants: {setting_in_words(question)}"
        )
    if len(furthest) > MOST_NAMED:
        more = counted(len(furthest) - MOST_NAMED, "more row")
        yield f"kept, though more than twice off: {more} of {len(slower)}"


def _in_our_unit(question: Question) -> Question:
    """The same question of the whole system in our unit: 9 ms and 0.009 s are one setting."""
    return replace(question, quantity=replace(question.quantity, per="system", unit=1.0))


def _of_equal_means(questions: Sequence[Question]) -> list[Question]:
    """The same questions, with means that are alike set equal."""
    scenarios = [question.scenario for question in questions]
    means = zip(
        _set_equal([one.input_tokens for one in scenarios]),
        _set_equal([one.output_tokens for one in scenarios]),
        _set_equal([one.concurrency for one in scenarios]),
        strict=True,
    )
    return [
        replace(
            question,
            scenario=replace(
                question.scenario, input_tokens=inputs, output_tokens=outputs, concurrency=load
            ),
        )
        for question, (inputs, outputs, load) in zip(questions, means, strict=True)
    ]


def _set_equal(means: Sequence[float | None]) -> list[float | None]:
    """Each mean, or the smallest of those that it is alike."""
    first: dict[float, float] = {}
    least = 0.0
    for mean in sorted({mean for mean in means if mean is not None}):
        least = least if mean <= ALIKE * least else mean
        first[mean] = least
    return [None if mean is None else first[mean] for mean in means]


def _contradiction(measured: Measured, index: list[int]) -> str:
    ordered = sorted(index, key=lambda row: measured.values[row] * divisor(measured.questions[row]))
    least, most = (
        f"{measured.values[row]:g} {measured.questions[row].row.unit}"
        for row in (ordered[0], ordered[-1])
    )
    return (
        f"{counted(len(index), 'row')}: one setting that was measured at {least} to {most},"
        f" something else differs: {setting_in_words(measured.questions[index[0]])}"
    )


def setting_in_words(question: Question) -> str:
    """What a person finds the row by."""
    row, scenario = question.row, question.scenario
    lengths = [f"{length:g}" if length else "?" for length in (row.input_tokens, row.output_tokens)]
    load = "" if row.concurrency is None else f", {row.concurrency:g} at a time"
    return (
        f"{row.metric} of {row.model} with {row.engine or scenario.engine} on"
        f" {scenario.accelerators:g} x {scenario.accelerator.name}, {' + '.join(lengths)} tokens"
        f"{load}"
    )
