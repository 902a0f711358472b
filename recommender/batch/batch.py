"""Batches: many specs, independent of each other, over a pool of processes.

Decided rows go to a journal at once, so that an interrupted batch continues where it stopped.
The table is written whole at the end.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import CatalogError
from recommender.batch.input import Item
from recommender.batch.journal import JOURNAL, Row, append, key_of, open_journal, read_journal
from recommender.batch.pool import over_pool
from recommender.errors import RecommenderError
from recommender.plan import DECIDED, Plan
from recommender.progress import SILENT, Progress

if TYPE_CHECKING:
    from recommender.enumeration.known_sizes import KnownSizes


def run_batch(
    items: Sequence[Item],
    folder: Path,
    *,
    catalog_hash: str,
    workers: int,
    progress: Progress = SILENT,
) -> list[Row]:
    """One row per item, in order; rows already in the journal of `folder` are not solved again."""
    known = read_journal(folder / JOURNAL)
    rows: dict[int, Row] = {}
    keys: dict[int, str] = {}
    for index, item in enumerate(items):
        if item.spec is None:
            rows[index] = failed_row(item.name, item.error)
            continue
        keys[index] = key_of(item.spec, catalog_hash)
        if keys[index] in known:
            rows[index] = known[keys[index]] | {"name": item.name}
    pending = [(index, item) for index, item in enumerate(items) if index not in rows]
    with open_journal(folder / JOURNAL) as journal:
        for (index, _), row in over_pool(_solve, pending, workers=workers, died=_died):
            rows[index] = row
            if row["status"] in DECIDED:
                append(journal, keys[index], row)
            progress.phase(f"batch: {len(rows)} of {len(items)}")
    return [rows[index] for index in range(len(items))]


def _solve(numbered: tuple[int, Item]) -> Row:
    return solve_item(numbered[1])


def _died(numbered: tuple[int, Item]) -> Row:
    return failed_row(numbered[1].name, "the process that solved it died (out of memory?)")


def solve_item(item: Item) -> Row:
    """Solve one item; whatever the data cause becomes a row with an error."""
    from recommender.decision.cut_short import INTERRUPTED
    from recommender.engine import recommend

    if item.spec is None:
        return failed_row(item.name, item.error)
    try:
        facts = _catalog(item.spec.catalog)
        plan = recommend(item.spec, catalog=facts, front=False, explain=False, sizes=_sizes())
    except (RecommenderError, CatalogError) as error:
        return failed_row(item.name, str(error))
    except Exception as error:  # a bug in one row must not lose the others; the row says so
        return failed_row(item.name, f"bug: {type(error).__name__}: {error}")
    if any(warning.startswith(INTERRUPTED) for warning in plan.warnings):
        raise KeyboardInterrupt  # a decision keeps what it has; a batch ends there
    return plan_row(item.name, plan)


@cache
def _sizes() -> "KnownSizes":
    """Those of the last item that this process solved."""
    from recommender.enumeration.known_sizes import KnownSizes

    return KnownSizes()


@cache
def _catalog(overlays: tuple[str, ...]) -> Any:
    import catalog

    return catalog.load([Path(path) for path in overlays])


def failed_row(name: str, error: str) -> Row:
    """The row of an item that could not be read or solved."""
    return {"name": name, "status": "failed", "error": error}


def plan_row(name: str, plan: Plan) -> Row:
    """The row of a plan: what to buy, then its totals."""
    row: Row = {"name": name, "status": plan.status, "error": _reason(plan)}
    if plan.totals is not None:
        totals = asdict(plan.totals)
        totals["cost_not_included"] = "; ".join(plan.totals.cost_not_included)
        row |= totals
        row["plan"] = "; ".join(f"{n.nodes} x {n.offer}" for n in plan.nodes)
        row["proof"] = plan.proof
        row["gap"] = plan.gap
        row["rates"] = "; ".join(dict.fromkeys(d.rate_basis for d in plan.deployments))
        row["warnings"] = " | ".join(plan.warnings)
    return row


def _reason(plan: Plan) -> str:
    if plan.totals is not None:
        return ""
    return "; ".join(f"{r.change} {r.value}" for r in plan.repairs) or "; ".join(plan.warnings)
