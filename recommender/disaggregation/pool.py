"""A pool: its replica kinds, and what each carries within its part of a split.

Rates are kept per part of the budget (a book each), for kinds without their network. A view of a
book adds what one candidate asks for: kinds of one format, on a network, at most at the rate at
which their caches move in time. Simulation settles a book, and so every view of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommender.deadline import Deadline
from recommender.decision.decider import Decider
from recommender.decision.question import Question
from recommender.decision.rates import Rates, Trust
from recommender.decision.single import best_single
from recommender.disaggregation.pool_table import PoolTable, taken
from recommender.disaggregation.split import Part, Split
from recommender.disaggregation.transfer import Floats, Prompts, largest_transfer_rate
from recommender.enumeration.market import Market
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_pools import Bought
from recommender.performance.step_law import StepLaw
from recommender.slo import Slo
from recommender.workload import Workload

Format = tuple[str, str]
"""(weights, KV cache): the same on both sides, or the cache could not be read."""
Site = tuple[str, str]
"""(provider, region): both pools stand in one, for caches do not cross the internet in time."""


@dataclass(eq=False)
class Book:
    """Rates of the kinds of a pool, for one part of the budget."""

    table: ReplicaTable
    """One entry per kind, whatever its network; its law is the pool's."""
    rates: Rates
    version: int = 0
    """Grows with every simulation."""

    def settle(self, row: int, allowed: npt.NDArray[np.bool_], deadline: Deadline) -> None:
        """Simulate one kind (see `Decider.settle`)."""
        decider = Decider(self.table, self.rates)
        decider.settle(row, lambda position: bool(allowed[position]), deadline)
        self.version += 1


@dataclass(eq=False, kw_only=True)
class Pool:
    """One pool of a request.

    Attributes
    ----------
    request_table
        The replica kinds of the request.
    law_of, slo_of
        Law of the kinds at `kinds.rows`, and targets, for a split.
    prompts_of
        What moves, for a part of a split.
    byte_s, clump_tokens
        Per kind: transfer time of a byte on a rank's share, and tokens that a step gets ready.
    received_bytes
        Per kind: cache of a prompt token as its ranks store it [B]; None for senders, which count
        what the widest receivers of the candidate pull.
    in_flight
        Per kind: requests whose cache may be moving in, on average and per rank; None for senders.
    optimistic
        Whether bounds on rates are taken for the rates.
    """

    name: str
    kinds: PoolTable
    request_table: ReplicaTable
    workload: Workload
    trust: Trust
    law_of: Callable[[Split], StepLaw]
    slo_of: Callable[[Split], Slo]
    prompts_of: Callable[[Part], Prompts]
    byte_s: Floats
    clump_tokens: Floats
    received_bytes: Floats | None = None
    in_flight: Floats | None = None
    optimistic: bool = False

    def __post_init__(self) -> None:
        self._books: dict[tuple[object, ...], Book] = {}
        self._moved: dict[tuple[Split, float], Floats] = {}
        self._right: dict[Format, npt.NDArray[np.bool_]] = {}

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Where its offers stand."""
        return tuple(dict.fromkeys((o.provider, o.region) for o in self.kinds.market.offers))

    @cached_property
    def formats(self) -> tuple[Format, ...]:
        """Of each kind."""
        return tuple((x.precision, x.kv_precision) for x in self.kinds.table.layouts)

    def book(self, split: Split) -> Book:
        """The rates for this part of the budget."""
        slo = self.slo_of(split)
        key = (slo, split.after_prefill_s if self.name == "prefill" else None)
        if key not in self._books:
            law = self.law_of(split)
            rates = Rates(law, self.workload, slo, self.trust)
            if self.optimistic:
                rates = Rates(law, self.workload, slo, Trust.CENTRAL, rate=rates.rate)
            table = replace(taken(self.request_table, self.kinds.rows), law=law)
            self._books[key] = Book(table, rates)
        return self._books[key]

    def simulated_and_bounded(self) -> tuple[int, int]:
        """Kinds that were simulated, and others that may serve, over all parts of the budget."""
        books = [book.rates for book in self._books.values()]
        simulated = sum(int(rates.settled.sum()) for rates in books)
        return simulated, sum(int((~rates.settled & (rates.rate > 0)).sum()) for rates in books)

    def side(self, split: Split, formats: Format, site: Site, widest: float) -> "Side":
        """This pool in one candidate; receivers pull at most `widest` bytes of a prompt token."""
        most = np.where(self._of(formats), self._movable(split, widest), 0.0)
        return Side(
            pool=self,
            book=self.book(split),
            split=split,
            site=site,
            most=most,
            token_s=self._token_s(widest),
        )

    def _of(self, formats: Format) -> npt.NDArray[np.bool_]:
        if formats not in self._right:
            right = [own == formats for own in self.formats]
            self._right[formats] = np.asarray(right, dtype=np.bool_)
        return self._right[formats]

    def _token_s(self, widest: float) -> Floats:
        """Transfer time of a prompt token, shape (n,) [s]."""
        return self.byte_s * (widest if self.received_bytes is None else self.received_bytes)

    def _movable(self, split: Split, widest: float) -> Floats:
        """Rate at which the caches of a replica move in time [requests/s], shape (n,)."""
        key = split, widest
        if key not in self._moved:
            ranks = np.asarray([x.adp for x in self.kinds.table.layouts], dtype=np.float64)
            each = [self._in_time(part, self._token_s(widest)) for part in split.parts]
            rate = ranks * np.min(each, axis=0)
            if self.received_bytes is not None:
                rate = np.where(self.received_bytes <= widest, rate, 0.0)
            if self.in_flight is not None:
                rate = np.minimum(rate, ranks * self.in_flight / split.transfer_s)
            self._moved[key] = rate
        return self._moved[key]

    def _in_time(self, part: Part, token_s: Floats) -> Floats:
        """Rate of a rank at which the caches of a part move in time [requests/s], shape (n,)."""
        return largest_transfer_rate(
            token_s, self.prompts_of(part), part.transfer_s, clump_tokens=self.clump_tokens
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Side:
    """A pool under one split, with one format, at one site.

    Attributes
    ----------
    most
        Rate at which the caches of a replica move in time; 0 for other formats [requests/s].
    token_s
        Transfer time of a prompt token, per kind [s].
    """

    pool: Pool
    book: Book
    split: Split
    site: Site
    most: Floats
    token_s: Floats

    @property
    def market(self) -> Market:
        """The offers of the site."""
        return self.pool.kinds.market.where(lambda o: (o.provider, o.region) == self.site)

    @property
    def rates(self) -> Rates:
        """The book as this candidate sees it, one entry per kind and network."""
        book, of = self.book.rates, self.pool.kinds.row_of
        seen = Rates(
            book.law.take(of),
            book.workload,
            book.slo,
            book.trust,
            rate=np.minimum(book.rate[of], self.most),
        )
        seen.settled = book.settled[of]
        return seen

    @property
    def table(self) -> ReplicaTable:
        """The kinds with the pool's law."""
        return replace(self.pool.kinds.table, law=self.book.rates.law.take(self.pool.kinds.row_of))

    def fleet(self, question: Question) -> SingleService:
        """The question of this pool alone, at the current rates."""
        decider = Decider(self.table, self.rates)
        groups = decider.groups(self.market, question)
        if question.single:
            groups = best_single(groups, question)
        named = [replace(group, name=f"{self.pool.name} {group.name}") for group in groups]
        asked = question.about(named)
        return replace(asked, service=self.pool.name, stated=question.stated)

    def least(self, attribute_per_accelerator: Floats) -> float:
        """Bound from below on an objective per request/s: no packing beats the best kind alone.

        `attribute_per_accelerator` by kind of node, of the cheapest offer; infinite where no
        kind serves.
        """
        rate = np.minimum(self.book.rates.rate[self.pool.kinds.row_of], self.most)
        table = self.pool.kinds.table
        each = attribute_per_accelerator[table.hardware_index] * table.accelerators
        useful = rate > 0
        return float((each[useful] / rate[useful]).min()) if useful.any() else float("inf")

    def unsettled(self, bought: Bought) -> list[int]:
        """Kinds in a purchase whose rate is only a bound, as rows of the book."""
        used = {int(key) for group, _ in bought for key in group.replicas}
        rows = {int(self.pool.kinds.row_of[position]) for position in used}
        return sorted(row for row in rows if not self.book.rates.settled[row])

    def settle(self, rows: list[int], deadline: Deadline) -> None:
        """Simulate these kinds; raises OutOfTime when the deadline ends it."""
        allowed = np.zeros(len(self.pool.kinds.rows), dtype=np.bool_)
        np.logical_or.at(allowed, self.pool.kinds.row_of, self.most > 0)
        for row in rows:
            deadline.check()
            self.book.settle(row, allowed, deadline)
