"""Formats that are tried where none are named: of weights by the model, of KV caches bf16."""

from catalog import Catalog
from catalog.schema import LanguageModel
from recommender.request.spec import Spec

KV_BY_DEFAULT = ("bf16",)
"""fp8 KV caches lose 1-6 % on published suites, more than the default quality limit."""


def precisions_tried(spec: Spec, catalog: Catalog, model: LanguageModel) -> tuple[str, ...]:
    """Formats of weights; hardware support and quality decide later, per accelerator."""
    if spec.precision:
        return tuple(catalog.precision(name).name for name in spec.precision)
    return tuple(dict.fromkeys((model.native_precision, "fp8", "int8")))


def kv_precisions_tried(spec: Spec) -> tuple[str, ...]:
    """Formats of the KV cache."""
    return spec.kv_precision or KV_BY_DEFAULT
