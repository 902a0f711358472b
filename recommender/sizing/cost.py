"""What running costs: per month (730 h), over a horizon, per million tokens.

per month          = cost per hour * 730
over a horizon     = cost per hour * hours
per million tokens = cost per hour / (tokens per second * 3600) * 10^6
"""

from recommender.units import HOURS_PER_MONTH, SECONDS_PER_HOUR, TOKENS_PER_MILLION


def cost_per_month_usd(*, usd_per_h: float) -> float:
    """Cost per month of 730 hours [USD/month]."""
    return usd_per_h * HOURS_PER_MONTH


def cost_over_usd(*, usd_per_h: float, hours: float | None) -> float | None:
    """Cost over so many hours at today's price [USD]: neither discounted nor drifting.

    Of own nodes the hour holds the amortisation of their purchase, which is so counted once.
    None without a horizon.
    """
    return None if hours is None else usd_per_h * hours


def usd_per_million_tokens(*, usd_per_h: float, tokens_per_s: float) -> float:
    """Cost of a million tokens at this rate [USD]."""
    return usd_per_h / (tokens_per_s * SECONDS_PER_HOUR) * TOKENS_PER_MILLION
