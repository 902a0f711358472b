r"""A question without the rows that compare rates, which often do not bind: it is solved first.

    least use, shares of sellers, mean quality:    rows of the form  sum a[p] rate[p] n[p] <= b

For their sake nodes may be left partly empty, and a group is dominated by groups of the same rate
only: hundreds of columns where dozens would do. Every plan of the question is one without these
rows as well, so

    no plan without them                 no plan with them
    its best plan meets all of them      it is the best plan of the question

and only where the best plan breaks one of them all rows are asked for. A plan that the time limit
ended at and that meets all of them is kept until a better one is found. So it is for objectives in
turn: each is minimised over more plans than the question has, and one of the question attains it.
Where an objective may be given up by a share, its optimum without the rows may be lower than any
plan of the question comes to, and would leave the later ones less room: nothing follows then.
"""

from collections.abc import Mapping
from dataclasses import replace

from recommender.formulation.limits import comparisons
from recommender.formulation.single_service import SingleService
from recommender.program.program import Program


def uncompared(question: SingleService) -> SingleService | None:
    """The question without those rows; None where it has none, or nothing would follow."""
    compares = question.compares_rates or question.min_utilisation is not None
    if not compares or any(question.tolerances):
        return None
    return replace(
        question,
        max_share={},
        min_utilisation=None,
        mean_quality_loss_pct=None,
        least_mean_quality=None,
    )


def compared(
    question: SingleService, program: Program, counts: Mapping[str, int]
) -> Program | None:
    """The program of `uncompared` with those rows, where its plan meets them; else None."""
    rows = [*comparisons(replace(question, prune=False))]
    if not all(row.holds(counts) for row in rows):
        return None
    names = {column.name for column in program.columns}
    kept = [
        replace(row, coefficients={p: a for p, a in row.coefficients.items() if p in names})
        for row in rows
    ]
    return Program(program.columns, (*program.rows, *kept))
