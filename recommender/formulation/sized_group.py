"""Sized group: a failure group in the canonical integers of one program."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from recommender.formulation.failure_group import FailureGroup
from recommender.program.canonical import (
    POWER_UNITS_PER_W,
    PRICE_UNITS_PER_USD,
    RATE_UNITS_PER_DEMAND,
    RateUnit,
    RoundingLoss,
    carbon_units,
    decimal,
    finer_than,
    largest_loss,
    model_quality_units,
    power_units,
    price_units,
    quality_units,
)


@dataclass(frozen=True, slots=True)
class SizedGroup:
    """One failure group, rounded against the buyer.

    Attributes
    ----------
    rate, price, power
        In rate units, 1e-4 USD/h and W.
    loss, carbon, energy
        Quality loss in 1e-4 %, emissions in g CO2e/h, planned power in W; 0 where the group does
        not know them.
    quality
        Of the model's answers after quantisation, in 1e-4 points.
    least_rate, most_rate
        The rate rounded down and up in finer units (`RateUnit.finer`), for rows that compare rates.
    """

    group: FailureGroup
    rate: int
    price: int
    power: int
    loss: int = 0
    carbon: int = 0
    energy: int = 0
    quality: int = 0
    least_rate: int = 0
    most_rate: int = 0

    @property
    def name(self) -> str:
        """Column name."""
        return self.group.name


def sized(groups: Iterable[FailureGroup], unit: RateUnit) -> list[SizedGroup]:
    """The groups in canonical integers, by name; those too small to count are left out."""
    groups = tuple(groups)
    rates = [unit.units(group.requests_per_s) for group in groups]
    finer = finer_than(rates)
    integers = [
        SizedGroup(
            group,
            rate,
            price_units(usd_per_h=group.usd_per_h),
            power_units(watts=group.nameplate_w),
            quality_units(percent=group.quality_loss_pct),
            carbon_units(grams=group.carbon_g_per_h or 0.0),
            power_units(watts=group.planned_w or 0.0),
            model_quality_units(points=group.quality),
            *unit.span(group.requests_per_s, finer=finer),
        )
        for group, rate in zip(groups, rates, strict=True)
        if rate > 0
    ]
    return sorted(integers, key=lambda g: g.name)


def rounding_loss(groups: Iterable[SizedGroup], unit: RateUnit) -> RoundingLoss:
    """Largest relative rounding loss of rates, prices and powers."""
    kept = list(groups)
    per_rate = RATE_UNITS_PER_DEMAND / decimal(unit.demand_per_s)
    return RoundingLoss(
        rate=largest_loss(((g.group.requests_per_s, g.rate) for g in kept), units_per_one=per_rate),
        price=largest_loss(
            ((g.group.usd_per_h, g.price) for g in kept),
            units_per_one=Fraction(PRICE_UNITS_PER_USD),
        ),
        power=largest_loss(
            ((g.group.nameplate_w, g.power) for g in kept),
            units_per_one=Fraction(POWER_UNITS_PER_W),
        ),
    )
