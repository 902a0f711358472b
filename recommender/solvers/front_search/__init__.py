"""All plans that no other beats on two sums, between two of them, by bounded enumeration.

between <- stretch (what is asked and answered) -> one_part -> kernel (compiled) <- points;
zones, alike_zones (zones that sell the same)
"""
