"""Kinds of values in a spec: what reads each, and the text that reads back as the same value."""

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic.functional_serializers import PlainSerializer

from recommender.horizon import span_text
from recommender.request import quantity
from recommender.request.blanks import parts


def with_unit(unit: str, factor: float) -> PlainSerializer:
    """Written again with its unit, so that a saved spec reads back."""
    return PlainSerializer(lambda value: f"{value * factor:.12g}{unit}", return_type=str)


def shown(*examples: str) -> WithJsonSchema:
    """In the JSON Schema: a text like these."""
    return WithJsonSchema({"type": "string", "examples": list(examples)})


def names(value: object) -> object:
    """A list of names, also written `H100,H200`; a name of digits is one too."""
    if isinstance(value, str):
        return parts(value, ",")
    if isinstance(value, list | tuple):
        return tuple(str(part) if type(part) is int else part for part in value)
    return (str(value),) if type(value) is int else value


def classes(value: object) -> object:
    """Names in any case, each once."""
    found = names(value)
    return tuple(dict.fromkeys(map(_folded, found))) if isinstance(found, tuple) else found


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


ANY_CASE = BeforeValidator(_folded)
"""Of words to choose from: `N+1` is `n+1`."""


WRITTEN = PlainSerializer(quantity.duration_written, return_type=str)
Duration = Annotated[float, BeforeValidator(quantity.duration_s), WRITTEN, shown("200ms", "1.5s")]
StartUp = Annotated[
    float,
    BeforeValidator(quantity.duration_or_none_s),
    WRITTEN,
    shown("10min", "0s"),
]
Count = Annotated[int, BeforeValidator(quantity.count)]
Number = Annotated[float, BeforeValidator(quantity.number)]
Days = Annotated[float, BeforeValidator(quantity.days), with_unit("d", 1), shown("30d", "6wk")]
Power = Annotated[float, BeforeValidator(quantity.power_w), with_unit("kW", 1e-3), shown("1.5MW")]
Rate = Annotated[
    float, BeforeValidator(quantity.requests_per_s), with_unit("qps", 1), shown("2000", "2kqps")
]
Tokens = Annotated[float, BeforeValidator(quantity.tokens), with_unit("", 1), shown("1024", "8k")]
Bandwidth = Annotated[
    float,
    BeforeValidator(quantity.bandwidth_bytes_per_s),
    with_unit("GB/s", 1e-9),
    shown("600GB/s"),
]
Share = Annotated[float, BeforeValidator(quantity.fraction), with_unit("%", 100), shown("20%")]
Money = Annotated[
    float,
    BeforeValidator(quantity.usd_per_h),
    PlainSerializer(lambda value: f"${value:.12g}/h", return_type=str),
    shown("$500/h", "$2M/yr", "$10M/3yr"),
]
Horizon = Annotated[
    float,
    BeforeValidator(quantity.hours),
    PlainSerializer(span_text, return_type=str),
    shown("3yr", "18mo"),
]
Names = Annotated[tuple[str, ...], BeforeValidator(names)]
Emission = Annotated[
    float,
    BeforeValidator(quantity.grams_per_h),
    PlainSerializer(lambda value: f"{value / 1e3:.12g}kg/h", return_type=str),
    shown("50kg/h", "400t/yr"),
]
Racks = Annotated[
    tuple[int, int, float],
    BeforeValidator(quantity.racks),
    PlainSerializer(lambda r: f"{r[0]}x{r[1]}U@{r[2] / 1e3:.12g}kW", return_type=str),
    shown("10x42U@40kW"),
]
Speculative = Annotated[
    tuple[int, float],
    BeforeValidator(quantity.speculation),
    PlainSerializer(lambda s: f"{s[0]}:{s[1]:.12g}", return_type=str),
    shown("3:2.1"),
]
