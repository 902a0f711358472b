"""Conversion factors: the only place where one unit becomes another.

Inside the engine every quantity is in bytes, FLOP, seconds, watts, tokens, requests/s and
US dollars per hour. GB is 10^9 bytes (datasheets, networks), GiB is 2^30 bytes (memory).
"""

KILO = 1e3
MEGA = 1e6
GIGA = 1e9
TERA = 1e12
MICRO = 1e-6
MILLI = 1e-3

GB = 1e9
GIB = float(2**30)

BITS_PER_BYTE = 8
SECONDS_PER_HOUR = 3600.0
HOURS_PER_MONTH = 730.0
HOURS_PER_YEAR = 8760.0
TOKENS_PER_MILLION = 1e6
