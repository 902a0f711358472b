"""SEAM 2. From a program to an outcome: who solves it, and what counts as a proof.

prove                 what everybody calls: one outcome, with the methods that stand for it
  turns               methods in turn, each asked to beat the best point so far
    divided           common divisors taken out first
    registry          a solver by its name, imported when it is used
      exact_cover     ours, in integers                                      cover/
      cpsat           OR-Tools CP-SAT, in integers
      mathopt_scip, mathopt_highs    floats, by way of OR-Tools              mathopt
      pulp_door       solvers that the user owns; LP and MPS files
outcome, check        what each returns; every point is checked again in integers
isolated/             foreign code in a process of its own
front_search/         all points of a front between two of them
fleet_search/         the cheapest round through fleets of a day on which nodes are started
"""
