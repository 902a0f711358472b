"""Pareto fronts: single-deployment plans over a stated set, and mixed plans by level.

one deployment    front_points -> kinds_on_offer <- front_limits -> front; dominance
mixed plans       mixed_fronts <- front_axes; rates_on_offer (simulated), front_basis (in words)
                  -> front_maker -> ladders (values of the last axis)
                  -> layers (one more axis) -> certified (points, and what may be missing)
                  session (deadline, Ctrl-C) <- front_file (to go on later); mixed_points
pools             pools_front
"""
