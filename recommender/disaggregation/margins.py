"""The margin ledger of a plan with pools: what its split would cost without each margin.

Headroom and redundancy are priced by solving the same split again, with closed forms for kinds
that were never simulated. Model error and frontend change every rate and every split: no price.
"""

from collections.abc import Iterator
from dataclasses import replace

from recommender.decision.question import Question
from recommender.decision.study import Study
from recommender.disaggregation.pool import Book, Side
from recommender.disaggregation.pools_of_day import cost_usd_per_h
from recommender.disaggregation.search import Candidate, Search
from recommender.explanation.in_time import AT_LEAST, NOT_IN_TIME
from recommender.explanation.ledger import frontend_words
from recommender.plan import LedgerLine
from recommender.relative import percent_of
from recommender.solvers.outcome import Status


def margins(
    study: Study, search: Search, candidate: Candidate, usd_per_h: float
) -> tuple[LedgerLine, ...]:
    """One line per margin."""
    return tuple(_lines(study, search, frozen(candidate), usd_per_h))


def frozen(candidate: Candidate) -> Candidate:
    """The candidate with closed forms where nothing was simulated."""
    return replace(candidate, sides={name: _frozen(side) for name, side in candidate.sides.items()})


def _frozen(side: Side) -> Side:
    return replace(side, book=Book(side.book.table, side.book.rates.frozen()))


def _lines(
    study: Study, search: Search, candidate: Candidate, usd_per_h: float
) -> Iterator[LedgerLine]:
    spec, question = study.request.spec, study.question
    not_priced = "not priced for pools"
    yield LedgerLine(
        "model error of step times", f"{spec.confidence:.0%} confidence", None, None, None,
        not_priced, "confidence",
    )  # fmt: skip
    if spec.headroom:
        other = _cost(study, search, candidate, replace(question, headroom=0.0))
        yield _priced("burst headroom", f"{spec.headroom:.0%}", usd_per_h, other, "headroom")
    if spec.failures:
        other = _cost(study, search, candidate, replace(question, failures=0))
        value = f"{spec.redundancy.upper()} in each pool"
        yield _priced("redundancy", value, usd_per_h, other, "redundancy")
    frontend = f"2 x {frontend_words(study.table.law)}"
    yield LedgerLine("frontend in TTFT", frontend, None, None, None, not_priced)


def _cost(
    study: Study, search: Search, candidate: Candidate, question: Question
) -> tuple[float | None, str]:
    """The cost under another question, if it is known, and a remark on it."""
    if study.deadline.is_over:
        return None, NOT_IN_TIME
    found = Search(study, search.pools, question).solve(candidate)
    if not found.bought:
        ruled_out = found.outcome.status is Status.INFEASIBLE
        return None, "no plan without it was found" if ruled_out else NOT_IN_TIME
    cost = cost_usd_per_h(found, question)
    proven = found.outcome.status is Status.OPTIMAL
    return cost, "same split" if proven else f"same split, {AT_LEAST}"


def _priced(
    margin: str, value: str, usd_per_h: float, other: tuple[float | None, str], assumption: str
) -> LedgerLine:
    cost, note = other
    if cost is None:
        return LedgerLine(margin, value, None, None, None, note, assumption)
    saved = usd_per_h - cost
    return LedgerLine(margin, value, cost, saved, percent_of(saved, usd_per_h), note, assumption)
