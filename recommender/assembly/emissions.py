"""Emissions of a plan at its planned load.

    carbon per month = sum over deployments of  P * PUE * grid * 730 h

Symbol   Meaning                                              Unit
P        power at planned load, its part of idle ones too     W
PUE      `--pue`, else the world mean of the catalogue        1
grid     annual mean of the place that the nodes stand in     g CO2e/kWh
"""

from collections.abc import Sequence

from catalog.running_cost import PUE_FACT
from recommender.plan import Deployment
from recommender.request.request import Request
from recommender.request.site_facts import grid_g_per_kwh
from recommender.units import HOURS_PER_MONTH


def carbon_kg_per_month(request: Request, deployments: Sequence[Deployment]) -> float | None:
    """Of all deployments; None where the grid of one, or a PUE, is unknown [kg CO2e]."""
    catalog, pue = request.catalog, request.spec.pue
    if pue is None:
        fact = catalog.facts.get(PUE_FACT)
        pue = None if fact is None else fact.number
    grids = [grid_g_per_kwh(catalog.offers[d.offer], catalog) for d in deployments]
    if pue is None or any(grid is None for grid in grids):
        return None
    grams = sum(
        d.power_w / 1e3 * pue * (grid or 0.0) for d, grid in zip(deployments, grids, strict=True)
    )
    return grams * HOURS_PER_MONTH / 1e3
