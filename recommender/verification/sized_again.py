"""A deployment of a plan, sized again from its spec and catalogue."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from recommender.disaggregation.pool_laws import law_in_pool
from recommender.enumeration.enumeration import enumerate_replicas
from recommender.enumeration.replica_table import ReplicaTable
from recommender.errors import SpecError
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Plan
from recommender.request.request import Request


def sized_again(d: Deployment, request: Request) -> tuple[ReplicaTable, npt.NDArray[np.intp]]:
    """Kinds on the offer of a deployment in its formats, and positions of those of its layout."""
    (model,) = (m for m in request.models if m.id == d.model)
    alone = replace(
        request.of_model(model),
        offers=(request.catalog.offers[d.offer],),
        precisions=(d.precision,),
        kv_precisions=(d.kv_precision,),
    )
    table = enumerate_replicas(alone).table
    wanted = (d.tp, d.pp, d.adp, d.ep, d.max_batch, d.chunk_tokens)
    positions = [
        position
        for position, x in enumerate(table.layouts)
        if (x.tp, x.pp, x.adp, x.ep, x.max_batch, x.chunk_tokens) == wanted
        and table.sharing(position) == d.sharing
    ]
    return table, np.asarray(positions, dtype=np.intp)


def recompute_laws(plan: Plan, request: Request) -> Mapping[str, StepLaw]:
    """Deployments of the decode pool: the law of their replicas where these do prompts as well.

    Raises SpecError where the layout of one is not sized any more.
    """
    if plan.pools is None:
        return {}
    decode = (d for d in plan.deployments if d.pool == "decode")
    held_s = plan.pools.held_limit_s
    return {d.name: _recompute_law(d, request, held_s=held_s) for d in decode}


def _recompute_law(d: Deployment, request: Request, *, held_s: float) -> StepLaw:
    """Of equal layouts (nodes differ) the one whose decode law is nearest to what is stated."""
    table, positions = sized_again(d, request)
    if not positions.size:
        raise SpecError(
            f"deployment {d.name}: its layout is not sized any more, so that what a preempted "
            "prompt takes is not known; solve the plan's spec again, or replay with --kv reserve"
        )
    law = table.law.take(positions)
    lengths = request.workload.lengths
    sized = law_in_pool(
        d.pool, law, central=table.central_law.take(positions), lengths=lengths, held_s=held_s
    )
    apart = [
        sum(_apart(stated, float(getattr(one, name))) for name, stated in d.step_law.items())
        for one in _each(sized)
    ]
    return law.take(int(np.argmin(apart)))


def _each(law: StepLaw) -> Iterator[StepLaw]:
    return (law.take(position) for position in range(len(law)))


def _apart(one: float, other: float) -> float:
    return abs(one - other) / max(abs(one), abs(other), 1e-300)
