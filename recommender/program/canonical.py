r"""Canonical integers: every quantity of the program is rounded once, and against the buyer.

    rate   q = floor(r / u),      u = D / 100 000       rounded down: a plan never carries less
    price  c = ceil(p / 1e-4)                           rounded up: a plan never costs more
    power  w = ceil(P),   carbon  ceil(g)                rounded up
    loss   l = ceil(loss / 1e-4 %)                      rounded up
    quality  floor(quality / 1e-4)                      rounded down, a least quality up
    limit  L = floor(limit / unit)                      rounded down: a limit is never exceeded
    rates that a row compares    floor(r finer / u) where that has six digits, else floor or ceil,
                                 whichever counts against the plan

Symbol  Meaning                                                     Unit
D       demand of the service in its peak window                    requests/s
u       unit of rates, relative to D, so that small replicas of a
        small service keep their digits                             requests/s
finer   power of ten for comparisons: the smallest rate has six
        digits then, unless it is less than a thousandth of D       1
h       headroom: the plan carries (1 + h) D, ceil(100 000 (1 + h)) units

After this the program is a statement about integers, and "optimal" is exact. A float stands for
the decimal that it prints as (2.49 is 249/100), so no price is a unit dearer for its binary tail.
What rounding may cost is bounded by the largest relative loss, `RoundingLoss`, which reports state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

RATE_UNITS_PER_DEMAND = 100_000
PRICE_UNITS_PER_USD = 10_000
POWER_UNITS_PER_W = 1
QUALITY_UNITS_PER_PERCENT = 10_000
SHARE_UNITS = 10**6
COMPARED_UNITS = 10**6
"""A rate of so many units is as good as exact in comparisons: a millionth is lost at most."""
MOST_FINER = 10**4
LARGEST_COMPARED = 10**12
"""Rates in finer units stay below, so that rows fit 64 bits."""


def decimal(value: float) -> Fraction:
    """The exact decimal that a number prints as."""
    return Fraction(*_ratio(value))


def _ratio(value: float) -> tuple[int, int]:
    """Numerator and denominator of `decimal`: thousands of groups are counted per program."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Fraction(value)
    return exact.as_integer_ratio()


def _down(value: float, units_per_one: int) -> int:
    over, under = _ratio(value)
    return over * units_per_one // under


def _up(value: float, units_per_one: int) -> int:
    over, under = _ratio(value)
    return -(-over * units_per_one // under)


def price_units(*, usd_per_h: float) -> int:
    """Price in 1e-4 USD/h, rounded up."""
    return _up(usd_per_h, PRICE_UNITS_PER_USD)


def budget_units(*, usd_per_h: float) -> int:
    """Limit on prices in 1e-4 USD/h, rounded down."""
    return _down(usd_per_h, PRICE_UNITS_PER_USD)


def usd_per_h(units: int) -> float:
    """Price of so many units [USD/h]."""
    return units / PRICE_UNITS_PER_USD


def power_units(*, watts: float) -> int:
    """Power in W, rounded up."""
    return _up(watts, POWER_UNITS_PER_W)


def power_limit_units(*, watts: float) -> int:
    """Limit on power in W, rounded down."""
    return _down(watts, POWER_UNITS_PER_W)


def quality_units(*, percent: float) -> int:
    """Quality loss in 1e-4 %, rounded up."""
    return _up(percent, QUALITY_UNITS_PER_PERCENT)


def quality_limit_units(*, percent: float) -> int:
    """Limit on quality loss in 1e-4 %, rounded down."""
    return _down(percent, QUALITY_UNITS_PER_PERCENT)


def model_quality_units(*, points: float) -> int:
    """Quality of a model in 1e-4 points of 100, rounded down."""
    return _down(points, QUALITY_UNITS_PER_PERCENT)


def least_quality_units(*, points: float) -> int:
    """Least quality in 1e-4 points of 100, rounded up."""
    return _up(points, QUALITY_UNITS_PER_PERCENT)


def share_limit(share: float) -> Fraction:
    """Limit on a share; with more than six decimals rounded down: rows are to fit 64 bits."""
    exact = decimal(share)
    if exact.denominator <= SHARE_UNITS:
        return exact
    return Fraction(floor(exact * SHARE_UNITS), SHARE_UNITS)


def carbon_units(*, grams: float) -> int:
    """Emissions in g CO2e, rounded up."""
    return _up(grams, 1)


def carbon_limit_units(*, grams: float) -> int:
    """Limit on emissions in g CO2e, rounded down."""
    return _down(grams, 1)


@dataclass(frozen=True, slots=True)
class RateUnit:
    """Unit of rates of one service: its demand in the peak window is 100 000 units.

    Attributes
    ----------
    demand_per_s
        D [requests/s], above 0.
    """

    demand_per_s: float

    def units(self, requests_per_s: float) -> int:
        """Rate in units, rounded down."""
        over, under = self._exact(requests_per_s)
        return over // under

    def finer(self, rates: Iterable[float]) -> int:
        """By how much units are finer where these rates are compared with each other [1]."""
        return finer_than([self.units(rate) for rate in rates])

    def span(self, requests_per_s: float, *, finer: int) -> tuple[int, int]:
        """Rate in finer units, rounded down and up; down twice where that is close enough.

        Equal rates are then equal in every row: of two sellers, each may carry half. And what is
        used to the limit exactly stays within it.
        """
        over, under = self._exact(requests_per_s)
        down = over * finer // under
        return down, down if down >= COMPARED_UNITS else -(-over * finer // under)

    def _exact(self, requests_per_s: float) -> tuple[int, int]:
        """Numerator and denominator of a rate in units."""
        over, under = _ratio(requests_per_s)
        demand_over, demand_under = _ratio(self.demand_per_s)
        return over * demand_under * RATE_UNITS_PER_DEMAND, under * demand_over

    def required(self, *, headroom: float) -> int:
        """Units that carry (1 + headroom) D, rounded up."""
        return ceil((1 + decimal(headroom)) * RATE_UNITS_PER_DEMAND)

    def per_s(self, units: int) -> float:
        """Rate of so many units [requests/s]."""
        return units * self.demand_per_s / RATE_UNITS_PER_DEMAND


def finer_than(units: Sequence[int]) -> int:
    """By how much finer units compare rates of so many units with each other [1]."""
    counted = [number for number in units if number]
    finer = 1
    while (
        counted
        and finer < MOST_FINER
        and min(counted) * finer < COMPARED_UNITS
        and max(counted) * finer * 10 <= LARGEST_COMPARED
    ):
        finer *= 10
    return finer


@dataclass(frozen=True, slots=True)
class RoundingLoss:
    """Largest relative loss of a canonical integer against the quantity it stands for.

    Attributes
    ----------
    rate, price, power
        Share of the exact value [1]; 0 where nothing is lost.
    """

    rate: float = 0.0
    price: float = 0.0
    power: float = 0.0


def largest_loss(exact_and_units: Iterable[tuple[float, int]], *, units_per_one: Fraction) -> float:
    """Largest ``|units - exact * units_per_one| / (exact * units_per_one)``; 0 for exact zeros."""
    losses = (
        abs(1 - units / (decimal(exact) * units_per_one))
        for exact, units in exact_and_units
        if exact
    )
    return float(max(losses, default=Fraction(0)))
