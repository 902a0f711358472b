"""Live prices through gpuhunt, the optional `prices` extra."""

import threading
from collections.abc import Iterator
from typing import Any

from catalog.errors import CatalogError

DEADLINE_S = 120.0
_COLUMNS = (
    *("provider", "instance_name", "location", "price", "cpu", "memory"),
    *("gpu_count", "gpu_name", "gpu_memory", "spot"),
)


def live_rows(
    provider: str, *, deadline_s: float = DEADLINE_S
) -> Iterator[tuple[int, dict[str, str]]]:
    """gpuhunt's current rows of a provider, as its CSV would hold them."""
    try:
        import gpuhunt  # type: ignore[import-not-found]
    except ImportError:
        raise CatalogError(
            "live prices need the optional extra",
            hint="pip install 'llm-hardware-recommender[prices]', or import a file",
        ) from None
    for number, item in enumerate(_query(gpuhunt, provider, deadline_s), 1):
        values = {name: getattr(item, name, None) for name in _COLUMNS}
        yield number, {name: str(value) for name, value in values.items() if value is not None}


def _query(gpuhunt: Any, provider: str, deadline_s: float) -> list[Any]:
    """Ask in a thread of its own: the library sets no deadline, and may hang offline."""
    outcome: dict[str, Any] = {}

    def ask() -> None:
        try:
            outcome["items"] = list(gpuhunt.query(provider=[provider], min_gpu_count=1))
        except Exception as error:  # network, provider and parsing errors of a third party
            outcome["error"] = error

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(deadline_s)
    hint = "check the network, or import a file that you saved"
    if thread.is_alive():
        raise CatalogError(f"gpuhunt did not answer within {deadline_s:g} s", hint=hint)
    if "error" in outcome:
        error = outcome["error"]
        reason = f"{type(error).__name__}: {error}"
        raise CatalogError(f"gpuhunt has no prices of {provider!r}: {reason}", hint=hint)
    items: list[Any] = outcome["items"]
    return items
