"""Plans as pandas tables, for people who work in notebooks; pandas is imported when asked for."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from recommender.plan import Deployment, FrontPoint, NodePurchase, Plan

if TYPE_CHECKING:
    import pandas as pd


def deployments_frame(plan: Plan) -> "pd.DataFrame":
    """One row per deployment; columns are the names of the JSON contract, with their units."""
    return _frame(Deployment, plan.deployments)


def nodes_frame(plan: Plan) -> "pd.DataFrame":
    """One row per offer that is bought; these rows add up, those of deployments may not."""
    return _frame(NodePurchase, plan.nodes)


def front_frame(plan: Plan) -> "pd.DataFrame":
    """One row per point of the front, in its order."""
    return _frame(FrontPoint, plan.front)


def _frame(kind: type, rows: Sequence[Any]) -> "pd.DataFrame":
    import pandas as pd

    columns = [field.name for field in fields(kind)]
    return pd.DataFrame([asdict(row) for row in rows], columns=columns)
