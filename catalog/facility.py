"""Rows about machines and places: chassis, exchange rates, facility facts, left-out rows."""

import datetime
from typing import Literal

from catalog.schema import AtLeastOne, NotNegative, Positive, Row


class Chassis(Row):
    """A server, rack or workstation as it is built; gives the nameplate power of offers."""

    name: str
    kind: Literal["server", "rack", "workstation"]
    accelerator: str
    accelerators: AtLeastOne
    nameplate_power_w: Positive | None = None
    typical_power_w: Positive | None = None
    rack_units: Positive | None = None
    host_cpu: str | None = None
    host_ram_gb: Positive | None = None
    nics: str | None = None
    local_storage_tb: Positive | None = None
    """NVMe drives for data [TB]."""
    cooling: Literal["air", "liquid"] | None = None
    """What cools the accelerators; None is unknown."""
    price_usd_low: NotNegative | None = None
    price_usd_high: NotNegative | None = None
    date: str | None = None


class ExchangeRate(Row):
    """What one unit of a currency costs in US dollars on a day."""

    currency: str
    usd_per_unit: Positive
    date: datetime.date


class Fact(Row):
    """A figure about a site, a network, costs or failures; `value` is kept as printed."""

    name: str
    kind: Literal["facility", "network", "cost", "reliability"]
    value: str | None = None
    unit: str | None = None
    region: str | None = None
    scope: str | None = None
    date: str | None = None

    @property
    def number(self) -> float | None:
        """The value as a number; None when a range or words were printed."""
        try:
            return float(self.value or "")
        except ValueError:
            return None
