"""Rows of a question beyond demand and spare, family by family; none where it sets no limit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from recommender.errors import MissingData
from recommender.formulation.classes import classes
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.single_service import SingleService
from recommender.formulation.sized_group import SizedGroup
from recommender.program.canonical import (
    RATE_UNITS_PER_DEMAND,
    budget_units,
    carbon_limit_units,
    decimal,
    least_quality_units,
    power_limit_units,
    power_units,
    quality_limit_units,
    share_limit,
)
from recommender.program.column import Column
from recommender.program.constraints.accelerators import accelerators
from recommender.program.constraints.budget import budget
from recommender.program.constraints.carbon import carbon
from recommender.program.constraints.loss import loss
from recommender.program.constraints.model_quality import model_quality
from recommender.program.constraints.need import need
from recommender.program.constraints.nodes import nodes
from recommender.program.constraints.power import power
from recommender.program.constraints.quality import quality
from recommender.program.constraints.racks import nodes_per_rack, rack_columns, racks
from recommender.program.constraints.share import share
from recommender.program.constraints.spread import spread, spread_columns
from recommender.program.constraints.stock import stock
from recommender.program.constraints.utilisation import utilisation
from recommender.program.row import Row


def rates(groups: Sequence[SizedGroup]) -> dict[str, int]:
    """Rate of each column [rate units]."""
    return {g.name: g.rate for g in groups}


def class_losses(question: SingleService) -> Iterator[Row]:
    """One row per value of each class that the plan survives the loss of."""
    for name in question.survive:
        yield from loss(
            question.service,
            name,
            rate=rates(question.columns),
            values=classes(question.columns, name),
            demand=RATE_UNITS_PER_DEMAND,
        )


def limits(question: SingleService) -> Iterator[Row]:
    """Limits of the whole plan."""
    yield from _totals(question)
    yield from comparisons(question)
    for name, least in question.min_spread.items():
        yield from spread(name, values=classes(question.columns, name), least=least)
    for name, wanted in question.need_one_of:
        values = classes(question.columns, name)
        one_of = [p for p, value in values.items() if value in wanted]
        yield need(f"{name}={'|'.join(wanted)}", one_of=one_of)
    yield from _racks(question)


def limit_columns(question: SingleService) -> Iterator[Column]:
    """The columns that those rows need."""
    for name in question.min_spread:
        yield from spread_columns(name, classes(question.columns, name))
    if question.racks is not None:
        yield from rack_columns(_per_rack(question), question.racks.count)


def stocks(groups: Sequence[SizedGroup]) -> Iterator[Row]:
    """A stock row where several groups share an offer; one alone is bounded by its column."""
    yield from stocks_at_once({g.name: g for g in groups})


def stocks_at_once(running: Mapping[str, SizedGroup]) -> Iterator[Row]:
    """The same for columns (column -> group) that run at the same time."""
    offers: dict[str, dict[str, SizedGroup]] = {}
    for name, group in running.items():
        if group.group.stock is not None:
            offers.setdefault(group.group.offer, {})[name] = group
    for offer, members in offers.items():
        if len(members) > 1:
            taken = {name: g.group.nodes for name, g in members.items()}
            available = next(iter(members.values())).group.stock
            yield stock(offer, nodes=taken, available=available or 0)


def totals_at_once(question: SingleService, running: Mapping[str, SizedGroup]) -> Iterator[Row]:
    """Limits on what runs at the same time (column -> group): power, accelerators, nodes."""
    if question.power_w is not None:
        limit = power_limit_units(watts=question.power_w)
        yield power(nameplate={name: g.power for name, g in running.items()}, limit=limit)
    if question.max_accelerators is not None:
        taken = {name: g.group.accelerators for name, g in running.items()}
        yield accelerators(accelerators=taken, limit=question.max_accelerators)
    if question.max_nodes is not None:
        taken = {name: g.group.nodes for name, g in running.items()}
        yield nodes(nodes=taken, limit=question.max_nodes)


def _totals(question: SingleService) -> Iterator[Row]:
    groups = question.columns
    if question.budget_usd_per_h is not None:
        limit = budget_units(usd_per_h=question.budget_usd_per_h)
        yield budget(price={g.name: g.price for g in groups}, limit=limit)
    yield from totals_at_once(question, {g.name: g for g in groups})
    for name, most in question.ceilings.items():
        yield Row(f"ceiling[{name}]", {g.name: ATTRIBUTES[name](g) for g in groups}, "<=", most)
    if question.carbon_g_per_h is not None or "carbon" in question.objectives:
        _known(groups, "carbon_g_per_h")
    if question.carbon_g_per_h is not None:
        limit = carbon_limit_units(grams=question.carbon_g_per_h)
        yield carbon(carbon={g.name: g.carbon for g in groups}, limit=limit)


def comparisons(question: SingleService) -> Iterator[Row]:
    """Rows that compare rates with each other, in finer units; rounded against the plan."""
    groups = question.columns
    rate = {g.name: (g.least_rate, g.most_rate) for g in groups}
    if question.min_utilisation is not None:
        least, demand = decimal(question.min_utilisation), question.finer * RATE_UNITS_PER_DEMAND
        yield utilisation(rate=rate, demand=demand, least=least)
    for name, most in question.max_share.items():
        yield from share(name, rate=rate, values=classes(groups, name), most=share_limit(most))
    if question.mean_quality_loss_pct is not None:
        limit = quality_limit_units(percent=question.mean_quality_loss_pct)
        yield quality(rate=rate, loss={g.name: g.loss for g in groups}, limit=limit)
    if question.least_mean_quality is not None:
        mean = least_quality_units(points=question.least_mean_quality)
        yield model_quality(rate=rate, quality={g.name: g.quality for g in groups}, least=mean)


def _racks(question: SingleService) -> Iterator[Row]:
    if question.racks is not None:
        groups = question.columns
        yield from racks(
            nodes={g.name: g.group.nodes for g in groups},
            offer_of={g.name: _sold_at(g) for g in groups},
            per_rack=_per_rack(question),
            limit=question.racks.count,
        )


def _per_rack(question: SingleService) -> dict[str, int]:
    """Offer, in each of its zones -> nodes per rack."""
    limit = question.racks
    if limit is None:
        return {}
    _known(question.columns, "rack_units")
    return {
        _sold_at(g): nodes_per_rack(
            node_units=g.group.rack_units or 1,
            node_nameplate_w=power_units(watts=g.group.nameplate_w / g.group.nodes),
            rack_units=limit.units,
            rack_power_w=power_limit_units(watts=limit.power_w),
        )
        for g in sorted(question.columns, key=_sold_at)
    }


def _sold_at(group: SizedGroup) -> str:
    """Whose nodes may share a rack: an offer, or one of the zones that it is sold in."""
    offer, zone = group.group.offer, group.group.zone
    return offer if zone is None else f"{offer} in {zone}"


def _known(groups: Iterable[SizedGroup], attribute: str) -> None:
    unknown = sorted({g.group.offer for g in groups if getattr(g.group, attribute) is None})
    if unknown:
        names = ", ".join(unknown[:5])
        raise MissingData(f"{attribute} of {names} is unknown, and a limit needs it")
