"""Progress of long work: the engine names its phases, the command line shows them."""

from typing import Protocol


class Progress(Protocol):
    """Told what happens now."""

    def phase(self, name: str) -> None:
        """A new phase begins."""


class _Silent:
    def phase(self, name: str) -> None:
        """Say nothing."""


SILENT: Progress = _Silent()
