"""Sizing formulas: one quantity per file.

Every function is pure, takes keyword-only numbers or numpy arrays (broadcast together) with the
unit in the name, and uses ufuncs only: scalars in, a float out.
"""
