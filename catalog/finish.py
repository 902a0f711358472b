"""What an offer's row may leave out, and how it is filled.

column             filled with
name               provider/instance_type/region, then /terms unless on demand
terms, kind        on_demand; quote in an overlay
price_per_h        of own nodes: power x PUE x electricity + amortisation (running_cost.py)
usd_per_h          price_per_h x the dated exchange rate of `currency`
nameplate_*        chassis, a share of one, or 1.8 x TDP (`catalog.nameplate`)
typical_power_w    the chassis' typical draw, where it is stated
default            whole node, from a price list, its day known and at most a year old;
                   quotes and own hardware of a user always
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from catalog.facility import Chassis, ExchangeRate
from catalog.nameplate import nameplate, typical_power_w
from catalog.offer import MOST_USD_PER_H
from catalog.running_cost import running_cost_per_h
from catalog.schema import Accelerator

RUNNING = ("electricity_per_kwh", "pue", "amortisation_per_h")
"""Columns that price an own node by what it takes to run it."""
COMPUTED = "running cost"
MAX_DEFAULT_AGE = datetime.timedelta(days=366)


class Unusable(Exception):
    """Why an offer cannot take part; `column` is where it shows."""

    def __init__(self, column: str, reason: str, *, hint: str | None = None) -> None:
        self.column, self.reason, self.hint = column, reason, hint
        super().__init__(reason)


@dataclass(frozen=True)
class OfferFinisher:
    """Fills the derived columns of offers."""

    accelerators: Mapping[str, Accelerator]
    """By every name and alias, case-folded."""
    chassis: Sequence[Chassis]
    rates: Mapping[str, ExchangeRate]
    as_of: datetime.date
    usual_pue: float = 1.0
    """PUE of sites that state none."""

    def __post_init__(self) -> None:
        by_accelerator: dict[str, list[Chassis]] = {}
        for machine in self.chassis:
            by_accelerator.setdefault(machine.accelerator, []).append(machine)
        object.__setattr__(self, "_chassis", by_accelerator)
        object.__setattr__(self, "_power", {})

    def finish(self, cells: dict[str, object]) -> dict[str, object]:
        """The row with every column; raises Unusable when a fact is missing."""
        filled: dict[str, object] = {"terms": "on_demand", "region": "unspecified", **cells}
        accelerator = self.accelerators.get(str(filled.get("accelerator", "")).casefold())
        if "accelerator" not in filled:
            raise Unusable("accelerator", "is missing", hint="name the accelerator of the node")
        if accelerator is None:
            raise Unusable("accelerator", f"unknown accelerator {filled.get('accelerator')!r}")
        filled["accelerator"] = accelerator.name
        filled.setdefault("name", _name(filled))
        filled.setdefault("default", self._is_default(filled))
        self._power_of(filled, accelerator)
        self._running_cost(filled)
        self._price(filled)
        return filled

    def _running_cost(self, filled: dict[str, object]) -> None:
        """Price of an own node from its electricity, where it has none."""
        if str(filled.get("price_basis", "")).startswith(COMPUTED):  # an export, read again
            filled.pop("price_per_h", None)
            filled.pop("usd_per_h", None)
        given = [column for column in RUNNING if column in filled]
        owned, priced = filled["terms"] == "owned", "price_per_h" in filled
        if owned and not priced and "electricity_per_kwh" not in filled:
            raise Unusable("price_per_h", "is missing")
        if given and not owned:
            raise Unusable(given[0], "counts for own hardware only (terms owned)")
        if given and priced:
            raise Unusable(given[0], "and price_per_h both say what the node costs")
        if not given:
            return
        power = filled.get("typical_power_w", filled["nameplate_power_w"])
        defaults = {"pue": self.usual_pue, "amortisation_per_h": 0.0}
        numbers = {name: _number(filled.get(name, defaults.get(name))) for name in RUNNING}
        filled["price_per_h"] = running_cost_per_h(power_w=_number(power), **numbers)
        kwh, pue, paid = (numbers[name] for name in RUNNING)
        filled["price_basis"] = (
            f"{COMPUTED}: {_number(power) / 1000:g} kW x PUE {pue:g} x {kwh:g} per kWh + {paid:g}"
        )

    def _price(self, filled: dict[str, object]) -> None:
        if "usd_per_h" in filled:
            return
        rate = self.rates.get(str(filled.get("currency", "USD")).casefold())
        if rate is None:
            raise Unusable("currency", f"no exchange rate for {filled.get('currency')}")
        usd_per_h = _number(filled.get("price_per_h")) * rate.usd_per_unit
        if MOST_USD_PER_H < usd_per_h < inf:  # validation names what is not finite
            raise Unusable(
                "price_per_h",
                f"{usd_per_h:g} dollars per hour is more than any node costs",
                hint=f"write at most {MOST_USD_PER_H:g}",
            )
        filled["usd_per_h"] = usd_per_h

    def _power_of(self, filled: dict[str, object], accelerator: Accelerator) -> None:
        count = str(filled.get("node_accelerators", ""))
        if "nameplate_power_w" in filled:
            filled.setdefault("nameplate_basis", "stated")
            return
        if not count.isdigit() or int(count) == 0:
            filled.update(nameplate_power_w=1.0, nameplate_basis="")  # validation names the column
            return
        key = (accelerator.name, int(count))
        power = self._power  # type: ignore[attr-defined]
        if key not in power:
            machines = self._chassis.get(accelerator.name, ())  # type: ignore[attr-defined]
            power[key] = (
                nameplate(accelerator, int(count), machines),
                typical_power_w(accelerator, int(count), machines),
            )
        plate, typical = power[key]
        if plate is None:
            raise Unusable("nameplate_power_w", f"no power figure for {accelerator.name}")
        filled["nameplate_power_w"], filled["nameplate_basis"] = plate
        if typical is not None:
            filled.setdefault("typical_power_w", typical)

    def _is_default(self, filled: dict[str, object]) -> bool:
        if str(filled.get("whole_node", "true")).lower() not in ("true", "1", "yes"):
            return False
        kind = filled.get("kind", "list")
        if kind == "quote" or filled["terms"] == "owned":
            return True
        if kind != "list" or filled.get("date_precision", "day") == "undated":
            return False
        try:
            date = datetime.date.fromisoformat(str(filled.get("date")))
        except ValueError:
            return False
        return self.as_of - date <= MAX_DEFAULT_AGE


def _name(filled: Mapping[str, object]) -> str:
    parts = [str(filled.get(column, "")) for column in ("provider", "instance_type", "region")]
    if filled["terms"] != "on_demand":
        parts.append(str(filled["terms"]))
    return "/".join(parts)


def _number(value: object) -> float:
    """A cell as a number; text and less count as 0, since validation names the column."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return 0.0
