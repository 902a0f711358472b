"""Cost of running nodes: per hour, per month (730 h), per million tokens.

per million tokens = cost per hour / (tokens per second * 3600) * 10^6
"""

from recommender.sizing.number import Number
from recommender.units import HOURS_PER_MONTH, SECONDS_PER_HOUR, TOKENS_PER_MILLION


def cost_per_hour_usd(*, nodes: Number, usd_per_node_h: Number) -> Number:
    """Cost of nodes per hour [USD/h]."""
    return nodes * usd_per_node_h


def cost_per_month_usd(*, usd_per_h: Number) -> Number:
    """Cost per month of 730 hours [USD/month]."""
    return usd_per_h * HOURS_PER_MONTH


def usd_per_million_tokens(*, usd_per_h: Number, tokens_per_s: Number) -> Number:
    """Cost of a million tokens at this rate [USD]."""
    return usd_per_h / (tokens_per_s * SECONDS_PER_HOUR) * TOKENS_PER_MILLION
