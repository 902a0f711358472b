"""Exact branch and bound for covering programs, in integer arithmetic from end to end.

problem (a program as the search sees it) -> parts (types chosen) -> start (first points)
-> relaxation (row prices, floats) -> multipliers (exact bounds) -> levels, table (knapsacks)
-> search <- memory (states seen)
"""
