"""Errors of the recommender, each with the exit code of the command line.

RecommenderError
├── SpecError        2   the request cannot be read or contradicts itself
├── MissingData      6   the catalogue does not hold what the answer needs
├── Infeasible       3   no plan meets the request (carries the nearest misses)
└── SolverError      4   no proven answer within the time, or a solver failed

`catalog.CatalogError` is the catalogue's own (layer 0 imports nothing from here); exit code 2.
A message says what is wrong, the value, and what would be right.
"""


class RecommenderError(Exception):
    """Base of all errors that a user can act on."""

    exit_code = 1


class SpecError(RecommenderError):
    """The request cannot be read or contradicts itself."""

    exit_code = 2


class MissingData(RecommenderError):
    """The catalogue does not hold what the answer needs."""

    exit_code = 6


class Infeasible(RecommenderError):
    """No plan meets the request."""

    exit_code = 3


class SolverError(RecommenderError):
    """No proven answer within the time limit, or a solver failed."""

    exit_code = 4
