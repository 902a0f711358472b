"""Work over a pool of processes that may die, as when the system kills one for its memory.

A pool breaks as a whole: everything that was in flight is lost with the culprit. Those items run
again, each alone in a process of its own, and only one that dies alone is given up.
"""

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from recommender.solvers.isolated.door import PROCESSES

IN_FLIGHT_PER_WORKER = 4

Item = TypeVar("Item")
Result = TypeVar("Result")


def over_pool(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    died: Callable[[Item], Result],
) -> Iterator[tuple[Item, Result]]:
    """(item, work(item)) as they finish; `died(item)` where the process did not survive it.

    One worker means this process itself. `work` must be a function of a module.
    """
    if workers == 1 or len(items) == 1:
        for item in items:
            yield item, work(item)
        return
    waiting = deque(items)
    while waiting:
        lost = yield from _until_broken(work, waiting, workers)
        for item in lost:
            result = _alone(work, item)
            yield item, died(item) if result is None else result[0]


def _until_broken(
    work: Callable[[Item], Result], waiting: deque[Item], workers: int
) -> Generator[tuple[Item, Result], None, list[Item]]:
    """Work through `waiting`; the items that were in flight when the pool broke."""
    running: dict[Future[Result], Item] = {}
    with ProcessPoolExecutor(workers, initializer=_as_one_of, initargs=(workers,)) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < workers * IN_FLIGHT_PER_WORKER:
                    running[pool.submit(work, waiting[0])] = waiting[0]
                    waiting.popleft()
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    if not isinstance(future.exception(), BrokenProcessPool):
                        yield running.pop(future), future.result()
                if done & running.keys():
                    break
        except BrokenProcessPool:  # on submit
            pass
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return list(running.values())


def _alone(work: Callable[[Item], Result], item: Item) -> tuple[Result] | None:
    """The result, or None where the process died."""
    with ProcessPoolExecutor(1, initializer=_as_one_of, initargs=(1,)) as pool:
        try:
            return (pool.submit(work, item).result(),)
        except BrokenProcessPool:
            return None


def _as_one_of(workers: int) -> None:
    """Solvers of so many workers share the memory; Ctrl-C goes to the parent alone, and what
    SIGTERM is to the parent it is not to a worker."""
    PROCESSES.owners = workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
