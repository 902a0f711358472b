"""Pareto fronts: single-deployment plans over a stated set, and mixed plans by level."""
