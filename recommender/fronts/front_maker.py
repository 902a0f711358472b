"""The front of a study, from its objectives out to the levels of quality and p99."""

from dataclasses import replace
from math import ceil

from recommender.decision.latency_objective import latency_levels
from recommender.decision.quality_objective import levels_of
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.formulation.single_service import SingleService
from recommender.fronts.certified import Certified, Point
from recommender.fronts.front_axes import NS_PER_S, Axes
from recommender.fronts.ladders import Levels, front_over
from recommender.fronts.layers import layered
from recommender.fronts.session import Session
from recommender.program.canonical import quality_units


class FrontMaker:
    """Fronts of the same study by level.

    Attributes
    ----------
    grid
        Levels of p99; None without that axis.
    """

    def __init__(self, study: Study, axes: Axes, session: Session) -> None:
        self._study, self._axes, self._session = study, axes, session
        self._studies: dict[int, Study] = {}
        self.grid: int | None = None

    def front(self) -> Certified:
        """The whole front, its axes in the order of `Axes.order`."""
        study = self._study
        if "p99" not in self._axes.names:
            return self._over_quality(study, "", 0.0)
        levels = latency_levels(study.request, study.enumeration)
        values = tuple(ceil(level * NS_PER_S) for level in levels)
        self.grid = len(levels)

        def at(position: int, enough: float) -> Certified:
            try:
                study = self._at_level(values[position], levels[position])
                return self._over_quality(study, f"p99<={values[position]}ns", enough)
            except KeyboardInterrupt:
                self._session.interrupted = True
                return Certified(points=(), corners=((0,) * (len(self._axes.names) - 1),))

        ladder = Levels(
            values=values,
            width=len(self._axes.names) - 1,
            nested=_is_nested(study, self._axes),
            front=at,
        )
        return layered(ladder, is_over=self._session.is_over, told=self._session.told)

    def programs(self) -> list[SingleService]:
        """The programs of all levels of quality, at the rates of now and the targets as asked."""
        levels: tuple[float | None, ...] = (None,)
        if "quality" in self._axes.names:
            levels = levels_of(self._study) or levels
        return [self._problem(self._study, level) for level in levels]

    def study_at(self, point: Point, place: dict[str, int]) -> Study:
        """The study whose rates a point rests on."""
        return self._studies[point.values[place["p99"]]] if "p99" in place else self._study

    def _at_level(self, value: int, level_s: float) -> Study:
        """The study with the first target at a level."""
        if value not in self._studies:
            study = self._study
            slo = study.request.slo.with_limit(0, level_s)
            at = study.with_rates(Rates(study.table.law, study.request.workload, slo, Trust.SAFE))
            self._studies[value] = replace(at, request=replace(study.request, slo=slo))
        return self._studies[value]

    def _problem(self, study: Study, short_pct: float | None = None) -> SingleService:
        question = self._study.question
        if short_pct is not None:
            question = replace(question, most_shortfall_pct=short_pct)
        groups = study.decider.groups(study.enumeration.market, question)
        return replace(question.about(groups), objectives=self._axes.sums or ("cost",))

    def _over_quality(self, study: Study, key: str, enough: float) -> Certified:
        if "quality" not in self._axes.names:
            return self._over_sums(self._problem(study), key, enough)
        levels = levels_of(study) or (0.0,)

        def at(position: int, gap: float) -> Certified:
            problem = self._problem(study, levels[position])
            return self._over_sums(problem, f"{key}|quality<={levels[position]!r}%", gap)

        session = self._session
        ladder = Levels(
            values=tuple(quality_units(percent=level) for level in levels),
            width=len(self._axes.sums),
            nested=True,
            front=at,
        )
        return layered(ladder, enough=enough, is_over=session.is_over, told=session.told)

    def _over_sums(self, problem: SingleService, key: str, enough: float) -> Certified:
        if self._axes.sums:
            return front_over(problem, self._axes.sums, self._session, key=key, enough=enough)
        any_plan = self._session.one(problem, "cost", key)
        return Certified(
            points=tuple(Point((), p.solution) for p in any_plan.points),
            corners=() if any_plan.points else tuple(() for _ in any_plan.corners),
            proven=any_plan.proven,
            solves=any_plan.solves,
        )


def _is_nested(study: Study, axes: Axes) -> bool:
    """Whether a plan of one level of p99 is always a plan of a looser one, at no more of any axis.

    Rates rise with the level. So do the planned power of a group and its traffic, and rows that
    compare rates may then break.
    """
    question = study.question
    compared = (
        question.min_utilisation,
        question.max_provider_share,
        question.mean_quality_loss_pct,
        question.least_mean_quality,
        question.max_network_share,
        question.carbon_g_per_h,
    )
    planned = {"energy", "carbon"} & {*axes.names}
    return not planned and all(limit is None for limit in compared)
