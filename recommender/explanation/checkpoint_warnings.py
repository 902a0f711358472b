"""What a reader must know of weights in a format that the catalogue lists no checkpoint of.

The catalogue lists few checkpoints: one that it does not know may well be published. Without one

fp8           vLLM and SGLang scale 16-bit weights as they load them (`--quantization`), no data
int8, int4,   weights, or activations, are scaled to what texts pass through them: calibration
fp4           data, and a run of a quantiser
mxfp4, GGUF   weights alone, by themselves: a converter

16-bit formats are cast into each other by any engine, and need no warning.
"""

from collections.abc import Iterable, Iterator

from recommender.request.request import Request

SIXTEEN_BITS = ("bf16", "fp16")
BY_DATA = ("int8", "int4", "fp4")
LOADING = ("vllm", "sglang")
"""Engines that quantise 16-bit weights to fp8 while loading."""


def checkpoint_warnings(request: Request, served: Iterable[tuple[str, str]]) -> Iterator[str]:
    """One sentence per (format of weights, model id) that the catalogue lists no checkpoint of."""
    models = {model.id: model for model in request.models}
    for precision, name in dict.fromkeys(served):
        model = models[name]
        native = model.native_precision
        if {precision, native} <= {*SIXTEEN_BITS} or request.catalog.checkpoint(model, precision):
            continue
        yield (
            f"the catalogue knows no {precision} checkpoint of {name}: "
            f"{_without_one(precision, native, request.engine.name)}"
        )


def _without_one(precision: str, native: str, engine: str) -> str:
    """What it takes where none is published."""
    if precision == "fp8" and native in SIXTEEN_BITS and engine in LOADING:
        return f"use a published one, or let {engine} quantise while loading (--quantization fp8)"
    if precision in BY_DATA:
        return "look for a published one, else it has to be quantised first, with calibration data"
    return f"look for a published one, else its {native} weights have to be converted first"
