"""What a row of the offers table is; the rules are those of schema.py."""

import datetime
from typing import Literal

from pydantic import Field

from catalog.row import AtLeastOne, Count, NotNegative, Positive, Row, Terms

MOST_USD_PER_H = 1e10
"""Of a node, and of a plan: 88 trillion dollars a year, what the world makes."""
MOST_IN_NODE = 1024
"""Accelerators: a hundred times those of the largest node that is sold."""
MOST_NODES = 10**9
MOST_NODE_W = 1e9
"""1 GW: a power station."""


class Offer(Row):
    """A node from a seller on terms at a price."""

    name: str
    """Unique per provider, instance type, region and terms."""
    provider: str
    instance_type: str
    region: str
    default_region: bool = False
    """The region a buyer would look at first; preferred when prices tie."""
    terms: Terms
    kind: Literal["list", "broker", "market", "advert", "guide", "index", "quote"] = "list"
    whole_node: bool = True
    """False for a fraction of an accelerator or a per-chip price."""
    default: bool = True
    """Part of the default offers: on demand, whole named instance, dated, from a price list."""
    accelerator: str
    node_accelerators: int = Field(ge=1, le=MOST_IN_NODE)
    vcpus: Count | None = None
    host_ram_gib: Positive | None = None
    network_gb_per_s: Positive | None = None
    """Network of the whole node, one direction [GB/s]."""
    price_per_h: NotNegative
    currency: str = "USD"
    usd_per_h: float = Field(ge=0, le=MOST_USD_PER_H)
    electricity_per_kwh: Positive | None = None
    """Of an own node without a price, which then costs what it takes to run it."""
    pue: float | None = Field(None, ge=1, le=3)
    amortisation_per_h: NotNegative | None = None
    """Purchase price over its years of use, on top of electricity [currency/h]."""
    price_basis: str = "stated"
    date: datetime.date | None = None
    """Day the price was read; first of the month or year when only that is known."""
    date_precision: Literal["day", "month", "year", "undated"] = "day"
    """`undated`: a snapshot that does not show its day; `date` is then its year."""
    stock: int | None = Field(None, ge=0, le=MOST_NODES)
    """Most nodes that can be had; None is unknown."""
    zone: str | None = None
    nameplate_power_w: float = Field(gt=0, le=MOST_NODE_W)
    """What power supplies, racks and `--power` are sized for, whole node [W]."""
    nameplate_basis: str
    """`chassis NAME`, `share of chassis NAME` or `1.8 x TDP`."""
    typical_power_w: Positive | None = None
    lead_time_days: NotNegative | None = None
    """Days from order to use, where the terms do not say it; None is unknown."""
    nodes_per_rack: AtLeastOne | None = None
    """Nodes that share a rack, its power and its switch; None is unknown."""
    cooling: Literal["air", "liquid"] | None = None
    """What cools the accelerators, where the chassis does not say it; None is unknown."""
    local_storage_gb: Positive | None = None
    """Drives in the node that weights can be kept on [GB]; None is unknown."""
    local_storage_read_gb_per_s: Positive | None = None
    """Sequential read of all of them together [GB/s]; None is unknown."""
