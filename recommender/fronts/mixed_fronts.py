r"""Exact fronts of mixed plans on two or more axes, with the proof of each point and the gap.

    sums      cost, power, energy, carbon, accelerators, nodes: boxes of two (mixed_front), layers
              of each further one (layers)
    quality   layers over what the models and precisions at hand are short of the best
    p99       layers over a grid of levels; rates at each level are their own

Rates are simulated, of every kind that a plan of the front may need (`rates_on_offer`), so that the
cheapest point is the plan of `recommend`. With `--fast`, and with p99 as an axis, where every level
has rates of its own, they are closed forms at their 95 % lower factor. Either way every point holds
and all are compared alike, and the front says which (`front_basis`). It is exact for its rates (and
for the grid of levels). One that ran out of time is a certified representation: it states by how
much a plan that it does not know could be better.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, inf
from pathlib import Path

from recommender.deadline import deadline_in
from recommender.decision.cut_short import GRACE_S
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.errors import SpecError
from recommender.fronts.certified import Certified, in_order
from recommender.fronts.front_axes import Axes
from recommender.fronts.front_basis import CLOSED, beside_the_plan, simulated_basis
from recommender.fronts.front_maker import FrontMaker
from recommender.fronts.mixed_points import front_points_of
from recommender.fronts.pools_front import front_of_pools
from recommender.fronts.rates_on_offer import FrontRates, rates_on_offer, record_of, restore
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
    basis
        What rates and p99 rest on, in words.
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
    basis: str
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
    found = _simulated(study, axes, session, progress)
    rated = study if found is None else study.with_rates(found.rates)
    maker = FrontMaker(rated, axes, session)
    front = in_order(maker.front(), axes.order)
    session.save()
    stopped = session.interrupted or (found is not None and found.interrupted)
    points = tuple(_points(front, maker, axes, simulate=not stopped))
    basis = CLOSED if found is None else simulated_basis(found, points)
    if found is None and study.simulates and not session.is_over():
        basis += beside_the_plan(study, axes, points)
    return FrontOfMixed(
        axes=axes.names,
        points=points,
        values=tuple(axes.shown(p.values) for p in front.points),
        proofs=tuple(proof_text(p.solution.outcome) for p in front.points),
        complete=front.complete,
        gap=None if front.gap == inf else front.gap,
        extent=_extent(front, step, stopped, maker.grid),
        basis=basis,
        horizon_h=spec.horizon,
    )


def _study(spec: Spec, axes: Axes) -> Study:
    """Of the spec with the axes as its objectives; pools have a front of closed forms alone."""
    raw = spec.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    raw["minimize"] = ",".join(axes.sums or ("cost",))
    return study_of(make_spec(raw | ({"fast": True} if spec.disaggregate == "only" else {})))


def _simulated(study: Study, axes: Axes, session: Session, progress: Progress) -> FrontRates | None:
    """Simulated rates, also of an earlier run; None where the front rests on closed forms.

    Ctrl-C leaves a moment for a front on what is simulated by then, which no file keeps.
    """
    if not study.simulates or "p99" in axes.names:
        return None
    if session.rates is not None:
        restore(session.rates, study.rates)
    programs = FrontMaker(study, axes, session).programs
    found = rates_on_offer(
        study, programs, lambda kinds: progress.phase(f"{kinds} kinds of replica simulated so far")
    )
    if found.interrupted:
        session.file, session.deadline = None, deadline_in(GRACE_S).at_s
    else:
        session.keep_rates(record_of(study.rates))
    return found


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
        basis=CLOSED,
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


def _points(
    front: Certified, maker: FrontMaker, axes: Axes, *, simulate: bool
) -> Iterator[FrontPoint]:
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
        solved = [front.points[n] for n in numbers]
        found = front_points_of(studies[key], solved, simulate=simulate)
        made.update(zip(numbers, found, strict=True))
    for number, point in enumerate(front.points):
        promised = axes.shown(point.values)[place["p99"]] if "p99" in place else None
        yield made[number] if promised is None else replace(made[number], p99_s=promised)
