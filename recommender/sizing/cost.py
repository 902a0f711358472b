"""What running costs: per month (730 h), per million tokens.

per month          = cost per hour * 730
per million tokens = cost per hour / (tokens per second * 3600) * 10^6
"""

from recommender.units import HOURS_PER_MONTH, SECONDS_PER_HOUR, TOKENS_PER_MILLION


def cost_per_month_usd(*, usd_per_h: float) -> float:
    """Cost per month of 730 hours [USD/month]."""
    return usd_per_h * HOURS_PER_MONTH


def usd_per_million_tokens(*, usd_per_h: float, tokens_per_s: float) -> float:
    """Cost of a million tokens at this rate [USD]."""
    return usd_per_h / (tokens_per_s * SECONDS_PER_HOUR) * TOKENS_PER_MILLION
