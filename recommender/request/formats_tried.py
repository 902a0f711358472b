"""Formats that are tried where none are named: of weights by the model, of KV caches bf16."""

from catalog import Catalog
from catalog.schema import LanguageModel
from recommender.request.spec import Spec

NARROWER = ("fp8", "int8")
"""Beside the native format."""
KV_BY_DEFAULT = ("bf16",)
"""fp8 KV caches lose 1-6 % on published suites, more than the default quality limit."""


def precisions_tried(spec: Spec, catalog: Catalog, model: LanguageModel) -> tuple[str, ...]:
    """Formats of weights; hardware support and quality decide later, per accelerator.

    Nobody widens a checkpoint of 4 bits to 8 without being told to: what is wider than the native
    format is tried where it is named.
    """
    if spec.precision:
        return tuple(catalog.precision(name).name for name in spec.precision)
    native = catalog.precision(model.native_precision)
    narrower = [
        name for name in NARROWER if catalog.precision(name).weight_bits <= native.weight_bits
    ]
    return tuple(dict.fromkeys((model.native_precision, *narrower)))


def kv_precisions_tried(spec: Spec) -> tuple[str, ...]:
    """Formats of the KV cache."""
    return spec.kv_precision or KV_BY_DEFAULT
