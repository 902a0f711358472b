"""All plans that no other beats on two sums, between two of them, by bounded enumeration.

between <- stretch (what is asked and answered) -> kernel (compiled search) <- points;
zones, alike_zones (zones that sell the same)
"""
