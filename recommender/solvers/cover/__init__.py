"""Exact branch and bound for covering programs, in integer arithmetic from end to end."""
