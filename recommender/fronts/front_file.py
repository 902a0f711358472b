"""The file that a front is kept in, to go on later: boxes and points of its parts, by key, and the
rates that were simulated for all of them.

A part is only taken up for the question that it was found for: its fingerprint covers every group
in canonical integers, all limits and the axes. Each plan is checked again, in integers, against
every row of its program; that it is optimal, and that boxes hold all that is missing, is taken from
the file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from recommender.errors import SpecError
from recommender.formulation.front_boxes import Axis, Box, MixedFront, MixedPoint
from recommender.formulation.single_service import SingleService
from recommender.formulation.single_service_program import program
from recommender.formulation.sized_group import rounding_loss
from recommender.formulation.solve_single_service import Solution
from recommender.formulation.spare_search import own_theta_of
from recommender.solvers.outcome import Outcome, Status
from recommender.write import write_text

Record = Mapping[str, Any]
FORMAT = "front of mixed plans, 2"


@dataclass(eq=False)
class Kept:
    """What a file holds.

    Attributes
    ----------
    parts
        Key -> front of one or two objectives.
    rates
        Simulated rates (`rates_on_offer`); None where the front rests on closed forms.
    """

    parts: dict[str, Record] = field(default_factory=dict)
    rates: Record | None = None


def fingerprint(question: SingleService, axes: tuple[Axis, ...], step: int) -> str:
    """Of everything that a part depends on."""
    groups = replace(question, prune=False).columns
    asked = replace(question, groups=(), objectives=(), prune=True)
    return sha256(repr((axes, step, groups, asked)).encode()).hexdigest()[:32]


def record_of(
    front: MixedFront, question: SingleService, axes: tuple[Axis, ...], step: int
) -> Record:
    """A part as plain data."""
    return {
        "fingerprint": fingerprint(question, axes, step),
        "points": [
            {
                "at": [p.first, p.second],
                "counts": dict(p.solution.counts),
                "values": dict(p.solution.outcome.values),
                "status": p.solution.outcome.status.value,
                "bound": p.solution.outcome.bound,
                "proof": list(p.solution.outcome.proof),
                "solver": p.solution.outcome.solver,
            }
            for p in front.points
        ],
        "boxes": [[*box.low, *box.high] for box in front.boxes],
        "complete": front.complete,
        "proven": front.proven,
        "solves": front.solves,
        "given_up": front.given_up,
    }


def front_of(
    record: Record, question: SingleService, axes: tuple[Axis, ...], step: int
) -> MixedFront:
    """A part of the file, its plans re-checked; SpecError where it is damaged or another's."""
    try:
        return _front_of(record, question, axes, step)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise SpecError(f"a front in the file is damaged: {error!r}; start a new file") from error


def _front_of(
    record: Record, question: SingleService, axes: tuple[Axis, ...], step: int
) -> MixedFront:
    if record["fingerprint"] != fingerprint(question, axes, step):
        raise SpecError("the file holds a front of another request, step or catalogue")
    boxes = [Box((a, b), (c, d)) for a, b, c, d in record["boxes"]]
    # Each solve left out what its own objectives do not need: any group may be in a plan.
    unpruned = replace(question, prune=False)
    return MixedFront(
        points=tuple(_point(saved, unpruned, axes[0]) for saved in record["points"]),
        boxes=tuple(boxes),
        complete=record["complete"],
        proven=record["proven"],
        solves=record["solves"],
        resolution=step,
        given_up=record["given_up"],
    )


def _point(saved: Record, question: SingleService, first: Axis) -> MixedPoint:
    counts = saved["counts"]
    try:
        theta = own_theta_of(question, counts) if question.failures else None
    except ValueError as error:
        raise SpecError(f"a plan of the file breaks what it promises: {error}") from error
    asked = program(question, objective=first, theta=theta)
    if broken := asked.broken_rows(saved["values"]):
        raise SpecError(f"a plan of the file breaks {', '.join(broken[:3])}")
    used = [g for g in question.columns if g.name in counts]
    outcome = Outcome(
        Status(saved["status"]),
        values=saved["values"],
        objective=saved["at"][0],
        bound=saved["bound"],
        solver=saved["solver"],
        proof=tuple(saved["proof"]),
    )
    solution = Solution(
        counts=counts,
        groups={g.name: g.group for g in used},
        outcome=outcome,
        theta_per_s=None if theta is None else question.unit.per_s(theta),
        program=asked,
        rounding_loss=rounding_loss(used, question.unit),
    )
    return MixedPoint(saved["at"][0], saved["at"][1], solution)


def read(path: Path) -> Kept:
    """What is in the file; nothing where there is none yet."""
    if not path.exists():
        return Kept()
    try:
        document = json.loads(path.read_text())
        parts: dict[str, Record] = document["parts"]
        written_as, rates = document["format"], document.get("rates")
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} is no file of `recommend front --resume`") from error
    if written_as != FORMAT:
        raise SpecError(f"{path} was written in another format: {written_as}; start a new file")
    return Kept(parts, rates)


def write(path: Path, kept: Kept) -> None:
    """Replace the file in one step, so that no interruption leaves half of it."""
    document = {"format": FORMAT, "rates": kept.rates, "parts": kept.parts}
    write_text(path, json.dumps(document))
