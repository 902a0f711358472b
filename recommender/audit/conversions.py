"""Conversions of units, stated a second time: an error in the engine's own stays visible here."""

GIB = 2**30
"""Bytes of a GiB, in which memory is stated."""
HOURS_PER_DAY = 24.0
HOURS_PER_MONTH = 730.0
"""A twelfth of a year of 365 days."""
