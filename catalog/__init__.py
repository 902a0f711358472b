"""Layer 0, the facts: what can be bought, what can be served, each with source and date.

rows          row (base) -> offer, language_model -> schema (all others); facility, mig;
              tables (which there are, and their keys)
loading       loader -> layers (files, one above the other) -> delimited, structured -> validation
              <- column_words -> finish (what a row leaves out) <- nameplate, running_cost
              -> catalog (look-ups) <- matching, shapes, hub, quality; fingerprint; assumed_size
models        model_reader/ (a config file to a row), parameters, cache_size, blocks, network
workloads     lengths
step times    calibration <- calibration_rows, error_rows, calibration_factors, silicon,
              fitted_figures; calibration_version
people        filters, why_empty, differences, export, check/, importers/; errors
"""

from catalog.catalog import Catalog
from catalog.errors import CatalogError
from catalog.loader import load

__all__ = ["Catalog", "CatalogError", "load"]
