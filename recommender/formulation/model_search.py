r"""Search over models: the program of each model alone, each asked to beat the best before it.

    order      models by the least objective that carries the demand if groups could be cut
    solve      for each model its own programs over theta (see spare_search), with the row `cheaper`
    plan       the best, as a point of the whole program: its switch serves[model] is 1

A group serves one model, so every plan under the rows `one_model` is a plan of one of these
programs. They have no switches, and most end at once under the row `cheaper`: with three models
over all offers that is several times as quick as the whole program. What is claimed is a point of
the whole program and is checked against it. Where a rack may be lost, switches of every offer are
set in every plan, and the whole program is solved as it stands.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from recommender.formulation.alike import in_order
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.spare_search import AT_ONCE, Found, Solve, minimise, one_row_bound
from recommender.program.constraints.one_model import serves
from recommender.program.program import Program
from recommender.program.row import Row

NOTHING = Program((), ())
"""Of a search that the time did not suffice to begin."""


def minimise_over_models(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    solve: Solve,
    deadline: float,
) -> Found:
    """The best plan for one objective, of one model; `fixed` are rows of earlier objectives."""
    if not question.models or question.survive_rack:
        return minimise(question, objective, fixed, solve, deadline)
    best: Found | None = None
    chosen, value = "", 0
    searched: list[Found] = []
    for model, alone in _by_bound(question, objective):
        if time.perf_counter() > deadline and len(question.groups) > AT_ONCE:
            bound = one_row_bound(alone, objective, 0)
            searched.append(Found(NOTHING, open_bounds=[bound]))
            continue
        weights = {g.name: ATTRIBUTES[objective](g) for g in alone.columns}
        rows = [_of(row, weights) for row in fixed]
        if best is not None:
            rows.append(Row("cheaper", weights, "<=", value - 1))
        found = minimise(alone, objective, rows, solve, deadline)
        searched.append(found)
        if found.objective is not None:
            best, chosen, value = found, model, found.objective
    begun = any(found.parts for found in searched)
    whole = _whole(question, objective, fixed, best, chosen) if begun else Found(NOTHING)
    whole.parts = [part for found in searched for part in found.parts]
    whole.open_bounds = [bound for found in searched for bound in found.open_bounds]
    return whole


def _by_bound(question: SingleService, objective: Objective) -> list[tuple[str, SingleService]]:
    """Models and their questions, the one that may be best first."""
    weight = ATTRIBUTES[objective]
    bounds: dict[str, float] = {}
    for g in question.columns:
        least = weight(g) / g.rate
        bounds[g.group.model] = min(bounds.get(g.group.model, least), least)
    return [
        (
            model,
            replace(
                question,
                groups=tuple(g.group for g in question.columns if g.group.model == model),
                one_model=False,
                prune=False,
            ),
        )
        for model in sorted(bounds, key=lambda name: (bounds[name], name))
    ]


def _of(row: Row, columns: dict[str, int]) -> Row:
    """The row over the columns of one model."""
    inside = {name: a for name, a in row.coefficients.items() if name in columns}
    return Row(row.name, inside, row.sense, row.rhs)


def _whole(
    question: SingleService,
    objective: Objective,
    fixed: Sequence[Row],
    best: Found | None,
    model: str,
) -> Found:
    """The best plan as a point of the whole program."""
    theta = None if best is None else best.theta
    stated = program(question, objective=objective, theta=theta, extra=fixed)
    found = Found(in_order(question, stated), theta=theta)
    if best is None or best.values is None:
        return found
    values = {**best.values, serves(model): 1}
    broken = found.program.broken_rows(values)
    if broken:
        raise AssertionError(f"a plan of {model} alone breaks {', '.join(broken)}")
    found.values = values
    return found
