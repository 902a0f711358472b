r"""Single service: which nodes to buy for one service, at least cost.

Story. A provider sells nodes of several kinds; a kind carries so many requests/s within the SLO.
Buy the cheapest nodes that carry the peak with headroom, and the bare peak with the worst k nodes
gone.

    min   sum_p price[p] * n[p]
    s.t.  sum_p rate[p] * n[p]                 >= (1 + h) D
          sum_p min(rate[p], theta) * n[p]     >= D + k theta       for one theta in {rate[p]}

Example. D = 40, N+1, A carries 80/s for $80/h, B carries 40/s for $42/h: two B cost $84/h and
survive the loss of either; two A cost $160/h. (`worked/two_small_beat_two_large.yaml`)

`worked/*.yaml` are such instances with their optimum and how it was found; `specs/*.yaml` are
whole requests, solved against the catalogue, as by `recommend -f main.yaml`.
"""

from dataclasses import dataclass
from typing import Any

from problems.worked import groups_of, worked_files
from recommender.formulation.single_service import SingleService


@dataclass(frozen=True, slots=True)
class WorkedProblem:
    """An instance with its known optimum.

    Attributes
    ----------
    optimum_usd_per_h
        Least cost; None for an infeasible instance.
    how
        How the optimum was found, in words that can be checked.
    """

    name: str
    question: SingleService
    optimum_usd_per_h: float | None
    how: str


def worked_problems() -> tuple[WorkedProblem, ...]:
    """All instances of `worked/`, by name."""
    return tuple(_problem(name, raw) for name, raw in worked_files(__package__))


def _problem(name: str, raw: dict[str, Any]) -> WorkedProblem:
    groups = groups_of(raw.pop("nodes"))
    optimum, how = raw.pop("optimum_usd_per_h"), raw.pop("how")
    return WorkedProblem(name, SingleService(groups=groups, **raw), optimum, how)
