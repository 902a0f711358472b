"""Live prices through gpuhunt, the optional `prices` extra."""

from collections.abc import Iterator

from catalog.errors import CatalogError


def live_rows(provider: str) -> Iterator[tuple[int, dict[str, str]]]:
    """gpuhunt's current rows of a provider, as its CSV would hold them."""
    try:
        import gpuhunt  # type: ignore[import-not-found]
    except ImportError:
        raise CatalogError(
            "live prices need the optional extra",
            hint="pip install 'llm-hardware-recommender[prices]', or import a file",
        ) from None
    try:
        items = gpuhunt.query(provider=[provider], min_gpu_count=1)
    except Exception as error:  # network, provider and parsing errors of a third party
        raise CatalogError(
            f"gpuhunt could not fetch the prices of {provider!r}: {type(error).__name__}: {error}",
            hint="check the network, or import a file that you saved",
        ) from error
    columns = ("provider", "instance_name", "location", "price", "cpu", "memory", "gpu_count")
    more = ("gpu_name", "gpu_memory", "spot")
    for number, item in enumerate(items, 1):
        values = {name: getattr(item, name, None) for name in (*columns, *more)}
        yield number, {name: str(value) for name, value in values.items() if value is not None}
