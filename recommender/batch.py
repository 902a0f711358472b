"""Batches: many specs, independent of each other, over a pool of processes.

Finished rows go to a journal at once, keyed by what they depend on (spec, catalogue, version),
so that an interrupted batch continues where it stopped. The table is written whole at the end.
"""

import hashlib
import json
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from catalog.errors import CatalogError
from recommender.batch_input import Item
from recommender.errors import RecommenderError
from recommender.plan import SCHEMA_VERSION, Plan
from recommender.progress import SILENT, Progress
from recommender.spec import Spec

JOURNAL = "journal.jsonl"
IN_FLIGHT_PER_WORKER = 4

Row = dict[str, Any]
DECIDED = ("optimal", "infeasible")


def run_batch(
    items: Sequence[Item],
    folder: Path,
    *,
    catalog_hash: str,
    workers: int,
    progress: Progress = SILENT,
) -> list[Row]:
    """One row per item, in order; rows already in the journal of `folder` are not solved again."""
    journal = folder / JOURNAL
    known = _read_journal(journal)
    rows: dict[int, Row] = {}
    pending: list[tuple[int, Item, str]] = []
    for index, item in enumerate(items):
        key = "" if item.spec is None else key_of(item.spec, catalog_hash)
        if item.spec is None:
            rows[index] = failed_row(item.name, item.error)
        elif key in known:
            rows[index] = known[key] | {"name": item.name}
        else:
            pending.append((index, item, key))
    with journal.open("a", encoding="utf-8") as file:
        for index, key, row in _solve_all(pending, workers):
            rows[index] = row
            file.write(json.dumps({"key": key, "row": row}) + "\n")
            file.flush()
            progress.phase(f"batch: {len(rows)} of {len(items)}")
    return [rows[index] for index in range(len(items))]


def key_of(spec: Spec, catalog_hash: str) -> str:
    """Everything that a result depends on."""
    text = f"{SCHEMA_VERSION}\n{catalog_hash}\n{spec.model_dump_json()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _read_journal(path: Path) -> dict[str, Row]:
    """Finished rows by key; a line cut off by an interruption is left out."""
    known: dict[str, Row] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
                known[str(entry["key"])] = dict(entry["row"])
            except (ValueError, KeyError, TypeError):
                continue  # the item is solved again
    return known


def _solve_all(
    pending: Sequence[tuple[int, Item, str]], workers: int
) -> Iterator[tuple[int, str, Row]]:
    if workers == 1 or len(pending) == 1:
        for index, item, key in pending:
            yield index, key, solve_item(item)
        return
    waiting = iter(pending)
    running: dict[Future[Row], tuple[int, Item, str]] = {}
    with ProcessPoolExecutor(workers, initializer=_ignore_interrupts) as pool:
        try:
            while True:
                for index, item, key in waiting:
                    running[pool.submit(solve_item, item)] = (index, item, key)
                    if len(running) >= workers * IN_FLIGHT_PER_WORKER:
                        break
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    index, item, key = running.pop(future)
                    yield index, key, _result(future, item)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _result(future: Future[Row], item: Item) -> Row:
    try:
        return future.result()
    except BrokenProcessPool:
        return failed_row(item.name, "the process that solved it died (out of memory?)")


def _ignore_interrupts() -> None:
    """Ctrl-C goes to the parent, which stops handing out work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def solve_item(item: Item) -> Row:
    """Solve one item; whatever the data cause becomes a row with an error."""
    from recommender.engine import recommend

    if item.spec is None:
        return failed_row(item.name, item.error)
    try:
        facts = _catalog(item.spec.catalog)
        plan = recommend(item.spec, catalog=facts, front=False, explain=False)
    except (RecommenderError, CatalogError) as error:
        return failed_row(item.name, str(error))
    except Exception as error:  # a bug in one row must not lose the others; the row says so
        return failed_row(item.name, f"bug: {type(error).__name__}: {error}")
    return plan_row(item.name, plan)


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
    return row


def _reason(plan: Plan) -> str:
    if plan.totals is not None:
        return ""
    return "; ".join(f"{r.change} {r.value}" for r in plan.repairs) or "; ".join(plan.warnings)
