r"""Exact fronts of mixed plans on two or more axes, with the proof of each point and the gap.

    sums      cost, power, energy, carbon, accelerators, nodes: boxes of two (mixed_front), layers
              of each further one (layers)
    quality   layers over what the models and precisions at hand are short of the best
    p99       layers over a grid of levels; rates at each level are their own

Rates are closed forms at their 95 % lower factor, so that every point holds and all are compared
alike. The front is exact for these rates (and for the grid of levels). One that ran out of time is
a certified representation: it states by how much a plan that it does not know could be better.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, inf
from pathlib import Path

from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.errors import SpecError
from recommender.fronts.certified import Certified, in_order
from recommender.fronts.front_axes import Axes
from recommender.fronts.front_maker import FrontMaker
from recommender.fronts.mixed_points import front_points_of
from recommender.fronts.pools_front import front_of_pools
from recommender.fronts.session import Session
from recommender.plan import FrontPoint
from recommender.progress import Progress
from recommender.request.spec import Spec
from recommender.request.spec_file import make_spec
from recommender.solvers.prove import proof_text


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontOfMixed:
    """Points by rising first axis, their proofs, and what is known of the rest.

    Attributes
    ----------
    values
        Of each point on the axes: USD/h, W, g/h, counts, s (level promised), %.
    complete
        Whether every plan is beaten by a point (but for the step, and for levels between those
        of the grid).
    gap
        Each plan has a point that is larger by at most this share on every axis [1]; 0 when the
        front is complete, None where nothing is known.
    extent
        That in words.
    horizon_h
        Hours of `--horizon`.
    """

    axes: tuple[str, ...]
    points: tuple[FrontPoint, ...]
    values: tuple[tuple[float, ...], ...]
    proofs: tuple[str, ...]
    complete: bool
    gap: float | None
    extent: str
    horizon_h: float | None = None


def front_of_mixed(
    spec: Spec,
    axes: Axes,
    *,
    step: int = 1,
    progress: Progress,
    file: Path | None = None,
) -> FrontOfMixed:
    """The front within the spec's time limit; Ctrl-C ends it with what is known.

    Parameters
    ----------
    step
        Least step on the second axis that is a sum [W, count, g/h, 1e-4 $/h]; 1 is exact.
    file
        Where the front is kept; an unfinished one in it is taken up again.
    """
    _check(spec, axes)
    progress.phase("sizing and rates")
    study = _study(spec, axes)
    if spec.disaggregate == "only":
        return _of_pools(study, axes, step, progress, file)
    session = Session(
        deadline=study.deadline.at_s,
        step=step,
        file=file,
        told=lambda points, gap: progress.phase(_told(points, gap)),
    )
    maker = FrontMaker(study, axes, session)
    front = in_order(maker.front(), axes.order)
    session.save()
    return FrontOfMixed(
        axes=axes.names,
        points=tuple(_points(front, maker, axes)),
        values=tuple(axes.shown(p.values) for p in front.points),
        proofs=tuple(proof_text(p.solution.outcome) for p in front.points),
        complete=front.complete,
        gap=None if front.gap == inf else front.gap,
        extent=_extent(front, step, session.interrupted, maker.grid),
        horizon_h=spec.horizon,
    )


def _study(spec: Spec, axes: Axes) -> Study:
    """Of the spec on closed forms, so that all points are compared alike."""
    raw = spec.model_dump(mode="json", exclude_none=True, exclude_unset=True) | {"fast": True}
    raw["minimize"] = ",".join(axes.sums or ("cost",))
    return study_of(make_spec(raw))


def _check(spec: Spec, axes: Axes) -> None:
    """Refuse what no such front is of."""
    if spec.disaggregate == "auto":
        raise SpecError(
            "a front is of plans whose replicas do both, or with --disaggregate only of pools; ask "
            "for one at a time"
        )
    if spec.mix_models and "quality" in axes.names:
        raise SpecError(
            "quality is that of the worst deployment, which --mix-models never raises; leave one "
            "of them out, or ask for fronts of other axes at several --min-quality"
        )


def _of_pools(
    study: Study, axes: Axes, step: int, progress: Progress, file: Path | None
) -> FrontOfMixed:
    if file is not None:
        raise SpecError("a front of pools is not kept in a file; leave --resume out")
    front = front_of_pools(study, axes, step=step, progress=progress)
    return FrontOfMixed(
        axes=axes.names,
        points=front.points,
        values=front.values,
        proofs=front.proofs,
        complete=front.complete,
        gap=0.0 if front.complete else None,
        extent=front.extent,
        horizon_h=study.request.spec.horizon,
    )


def _told(points: int, gap: float) -> str:
    known = f"{points} points of the front so far"
    return known if gap in (0, inf) else f"{known}, gap {100 * gap:.2g} %"


def _extent(front: Certified, step: int, interrupted: bool, grid: int | None) -> str:
    exact = "" if step == 1 else f" at a step of {step}"
    levels = "" if grid is None else f" for a grid of {grid} levels"
    if front.complete:
        return f"complete{levels}{exact}" + ("" if front.proven else ", by one solver")
    why = "interrupted" if interrupted else "time was up"
    if not front.points:
        return f"{why} before the first point"
    if front.gap == inf:
        return f"{why}: incomplete, and nothing bounds what is missing"
    percent = ceil(front.gap * 1e4) / 100
    return (
        f"{why}: incomplete, but whatever plan there is, a listed one is at most "
        f"{percent:g} % larger than it on every axis{levels}{exact}"
    )


def _points(front: Certified, maker: FrontMaker, axes: Axes) -> Iterator[FrontPoint]:
    """The plans; with p99 as an axis, what they promise is their level."""
    place = {name: at for at, name in enumerate(axes.names)}
    rows: dict[int, list[int]] = {}
    studies: dict[int, Study] = {}
    for number, point in enumerate(front.points):
        study = maker.study_at(point, place)
        studies[id(study)] = study
        rows.setdefault(id(study), []).append(number)
    made: dict[int, FrontPoint] = {}
    for key, numbers in rows.items():
        found = front_points_of(studies[key], [front.points[n] for n in numbers])
        made.update(zip(numbers, found, strict=True))
    for number, point in enumerate(front.points):
        promised = axes.shown(point.values)[place["p99"]] if "p99" in place else None
        yield made[number] if promised is None else replace(made[number], p99_s=promised)
