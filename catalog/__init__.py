"""Layer 0, the facts: what can be bought, what can be served, each with source and date."""

from catalog.catalog import Catalog
from catalog.errors import CatalogError
from catalog.loader import load

__all__ = ["Catalog", "CatalogError", "load"]
