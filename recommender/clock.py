"""Wall time per phase of the engine, told to the progress display as phases begin."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from recommender.progress import Progress


class Clock:
    """Seconds per phase; a phase that is entered twice adds up."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        self.progress.phase(name)
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start
