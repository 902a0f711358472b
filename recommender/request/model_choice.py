"""Models that may serve the requests, as people write them: `70b`, `70b,8b`, `70b=86,8b=73`.

Figures after `=` are the quality of a model's answers on any one scale of 0 to 100, the same for
all: `86`, `86%` and `0.86` are the same. A path that exists is one name, whatever is in it.
"""

import os
from dataclasses import dataclass

from recommender.request import quantity
from recommender.request.blanks import parts

EXAMPLE = "70b=86,8b=73"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model by one of its names, and the quality that the user gives it [points of 100]."""

    name: str
    quality: float | None = None

    def __str__(self) -> str:
        return self.name if self.quality is None else f"{self.name}={self.quality:.12g}"


def model_choices(text: str) -> tuple[ModelChoice, ...]:
    """The models of a text; ValueError says what is wrong and what would be right."""
    if not text.strip(" ,"):
        raise ValueError(f"{text!r} names no model; write it like 70b, or {EXAMPLE}")
    named = (text,) if os.path.exists(text) else parts(text, ",")
    choices = tuple(_choice(part.strip()) for part in named)
    names = [choice.name.casefold() for choice in choices]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{text!r} names {name} twice")
    given = [choice for choice in choices if choice.quality is not None]
    if given and len(given) < len(choices):
        without = next(choice.name for choice in choices if choice.quality is None)
        raise ValueError(
            f"{text!r}: quality is given for {given[0].name} but not for {without}; give it for "
            "all, on one scale, or for none (the catalogue's benchmark)"
        )
    return choices


def models_text(value: object) -> str:
    """The canonical text of a choice: `70b=86,8b=73`; a list of names is taken as well."""
    if isinstance(value, list | tuple):
        return ",".join(str(choice) for part in value for choice in model_choices(str(part)))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is no model; write it like 70b, or {EXAMPLE}")
    return ",".join(map(str, model_choices(str(value))))


def quality_points(value: object) -> float:
    """Quality in points of 100: 86 of `86`, `86%` and `0.86`."""
    text = str(value).strip()
    try:
        number = 100 * quantity.fraction(text) if text.endswith("%") else float(text)
    except ValueError:
        number = -1.0
    points = 100 * number if 0 < number <= 1 and not text.endswith("%") else number
    if isinstance(value, bool) or not 0 < points <= 100:
        raise ValueError(f"{text!r} is no quality; write it like 86, 86% or 0.86, at most 100")
    return round(points, 9)


def _choice(part: str) -> ModelChoice:
    if os.path.exists(part) or "=" not in part:
        return ModelChoice(part)
    name, _, figure = part.rpartition("=")
    if not name.strip():
        raise ValueError(f"{part!r} names no model; write it like {EXAMPLE}")
    return ModelChoice(name.strip(), quality_points(figure))
