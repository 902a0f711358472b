"""Numbers for people: a fitting unit, and never more digits than are known.

Predicted quantities (latency, rate, power, memory) have 3 significant digits. Counts are exact.
Money is shown to the dollar below $100,000 and to the cent below $100: prices are facts.
"""

import math
from collections.abc import Sequence

from recommender.units import GIGA, KILO, MEGA, MICRO, MILLI

SIGNIFICANT_DIGITS = 3
NOT_KNOWN = "-"

LEAST, MOST = 1e-9, 1e15
"""Beyond these no figure of a real plan lies; they are written with an exponent."""


def significant(value: float, digits: int = SIGNIFICANT_DIGITS) -> str:
    """`1234.5` -> `1,230`; `0.04996` -> `0.05`: no trailing zeros after the point."""
    if value == 0:
        return "0"
    rounded = round_significant(value, digits)
    if not LEAST <= abs(rounded) < MOST:
        return f"{value:.{digits - 1}e}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_significant(value: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """The nearest number with that many significant digits."""
    return float(f"{value:.{digits - 1}e}")


def count(value: int) -> str:
    """`12345` -> `12,345`."""
    return f"{value:,}"


def counted(value: int, thing: str) -> str:
    """`1 node`, `12 nodes`."""
    return f"{count(value)} {thing}{'' if value == 1 else 's'}"


def duration(seconds: float | None) -> str:
    """`0.1874` -> `187 ms`."""
    if seconds is None:
        return NOT_KNOWN
    return _scaled(seconds, ((1.0, "s"), (MILLI, "ms"), (MICRO, "us")))


def interval(value_s: float, low_s: float, high_s: float) -> str:
    """`68 ms ± 0.5 %`; of too few samples, which bound it from below only, `68 ms, above 60 ms`."""
    if not math.isfinite(high_s) or value_s <= 0:
        return f"{duration(value_s)}, above {duration(low_s)}"
    half = significant(100 * 0.5 * (high_s - low_s) / value_s, 2)
    return f"{duration(value_s)} \N{PLUS-MINUS SIGN} {half} %"


def power(watts: float | None) -> str:
    """`94230` -> `94.2 kW`."""
    return NOT_KNOWN if watts is None else _scaled(watts, ((MEGA, "MW"), (KILO, "kW"), (1.0, "W")))


def energy(kilowatt_hours: float) -> str:
    """`248_000` -> `248 MWh`."""
    return _scaled(kilowatt_hours, ((MEGA, "GWh"), (KILO, "MWh"), (1.0, "kWh")))


def mass(kilograms: float) -> str:
    """`8_200` -> `8.2 t`."""
    return _scaled(kilograms, ((KILO, "t"), (1.0, "kg")))


def rate(requests_per_s: float) -> str:
    """`2349.6` -> `2,350/s`."""
    return f"{significant(requests_per_s)}/s"


def memory(gib: float) -> str:
    """`141.26` -> `141 GiB`."""
    return f"{significant(gib)} GiB"


def share(fraction: float) -> str:
    """`0.8332` -> `83.3 %`."""
    return percent(100.0 * fraction)


def percent(value: float | None) -> str:
    """`0.3` -> `0.3 %`."""
    return NOT_KNOWN if value is None else f"{significant(value)} %"


def change(value: float | None) -> str:
    """A difference with its sign: `18.04` -> `+18 %`."""
    if value is None:
        return NOT_KNOWN
    return f"{'+' if value > 0 else ''}{significant(value)} %"


def dollars(usd: float | None) -> str:
    """`44` -> `$44.00`, `4544` -> `$4,544`, `417560` -> `$418k`, `3317120` -> `$3.32M`."""
    if usd is None:
        return NOT_KNOWN
    sign, amount = ("-" if usd < 0 else ""), abs(usd)
    if not amount < MOST:
        return f"{sign}${amount:.2e}"
    if round(amount, 2) < 100:
        return f"{sign}${amount:.2f}"
    if round(amount) < 100_000:
        return f"{sign}${amount:,.0f}"
    return f"{sign}${_scaled(amount, ((GIGA, 'B'), (MEGA, 'M'), (KILO, 'k')), space='')}"


def dollars_per_hour(usd_per_h: float | None) -> str:
    """`572` -> `$572/h`."""
    return NOT_KNOWN if usd_per_h is None else f"{dollars(usd_per_h)}/h"


def _scaled(value: float, units: Sequence[tuple[float, str]], *, space: str = " ") -> str:
    """In the largest unit of which there is at least one, after rounding."""
    if value == 0:
        return f"0{space}{units[-1][1]}"
    rounded = abs(round_significant(value))
    factor, name = next(((f, n) for f, n in units if rounded >= f * (1 - 1e-12)), units[-1])
    return f"{significant(value / factor)}{space}{name}"
