"""Models that are only a size: `34b` (dense), `236b-a21b` (mixture of experts).

The nearest model of the catalogue (in the logarithm of its sizes) lends its architecture, and is
stretched to the size asked for:

    dense   layers L = round((N - embeddings) / block), then the feed-forward width I takes the rest
    MoE     expert width I from the active count, then experts E from the total count:
            I = (N_active - rest) / (L_e * k * m * h)        rounded to a multiple of 64
            E = (N - rest - embed) / (L_e * (m * h * I + h))

`rest` is everything that every token passes. The result says so in its source.
"""

import math
import re
from collections.abc import Iterable

from catalog.errors import CatalogError
from catalog.parameters import BILLION, parameters
from catalog.schema import LanguageModel

_SHAPE = re.compile(r"^(\d+(?:\.\d+)?)([bt])(?:-a(\d+(?:\.\d+)?)b)?$")
_EXPERTS = re.compile(r"^\d+x\d+(?:\.\d+)?b$")
"""`7x8b`: experts of a size, whose common part is not said."""
STRETCHED = "stretched from "
"""In the source of such a model, before the id of the one that lent its architecture."""
WIDTH_STEP = 64
TOLERANCE, ACTIVE_TOLERANCE = 0.02, 0.05
FURTHEST = 8.0
"""Product of the factors on total and active parameters: beyond it layers come by thousands."""
_UNITS = {"b": 1.0, "t": 1000.0}


def parse_shape(name: str) -> tuple[float, float | None] | None:
    """(total, active or None) parameters [billions] of `34b`, `236b-a21b`, `1t-a32b`."""
    found = _SHAPE.match(name.strip().casefold())
    if _EXPERTS.match(name.strip().casefold()):
        raise CatalogError(
            f"{name!r} does not say how many parameters a token uses",
            hint="say total and active parameters, such as 47b-a13b for Mixtral 8x7b",
        )
    if found is None:
        return None
    total = float(found[1]) * _UNITS[found[2]]
    active = float(found[3]) if found[3] else None
    if total <= 0 or (active is not None and not 0 < active <= total):
        raise CatalogError(
            f"{name!r} is not the size of a model", hint="such as 34b, or 236b-a21b (total-active)"
        )
    return total, active


def shaped(name: str, models: Iterable[LanguageModel]) -> LanguageModel | None:
    """A model of that size, or None when the name is not a size."""
    size = parse_shape(name)
    if size is None:
        return None
    total_b, active_b = size
    plain = [model for model in models if _lends(model, moe=active_b is not None)]
    template = min(plain, key=lambda model: _distance(model, total_b, active_b))
    if active_b is None:
        stretched = _dense(template, total_b * BILLION)
    else:
        stretched = _mixture(template, total_b * BILLION, active_b * BILLION)
    counted = parameters(stretched)
    reached = counted.total / BILLION
    off = abs(reached / total_b - 1) > TOLERANCE
    off |= _distance(template, total_b, active_b) > math.log(FURTHEST)
    if off or (active_b and abs(counted.active / BILLION / active_b - 1) > ACTIVE_TOLERANCE):
        raise CatalogError(
            f"no model of the catalogue can be stretched to {name}",
            hint=f"the nearest is {template.id} ({template.total_params_b:g}b); give a config.json",
        )
    return stretched.model_copy(
        update={
            "id": name.strip().casefold(),
            "aliases": (),
            "total_params_b": round(reached, 3),
            "active_params_b": round(counted.active / BILLION, 3),
            "published_total_params_b": total_b,
            "published_active_params_b": active_b,
            "quality": None,
            "quality_benchmark": None,
            "quality_source": None,
            "source": f"size {name}, {STRETCHED}{template.id}",
            "verification": "derived",
        }
    )


def _lends(model: LanguageModel, *, moe: bool) -> bool:
    regular = not model.state_layers and model.attention_params_m is None
    plain = regular and not model.windowed_layers and model.ffn_params_m is None
    sixteen_bits = model.native_precision in ("bf16", "fp16")
    return plain and sixteen_bits and model.is_moe == moe and not model.expert_hidden


def _distance(model: LanguageModel, total_b: float, active_b: float | None) -> float:
    distance = abs(math.log(model.total_params_b / total_b))
    return distance + (abs(math.log(model.active_params_b / active_b)) if active_b else 0.0)


def _dense(template: LanguageModel, total: float) -> LanguageModel:
    counted = parameters(template)
    ends = counted.embedding + counted.head
    block = (counted.total - ends) / template.layers
    layers = max(1, round((total - ends) / block))
    attention = counted.attention / template.layers
    width = ((total - ends) / layers - attention) / (template.ffn_matrices * template.hidden)
    changed = {
        "layers": layers,
        "growing_layers": layers,
        "ffn_layers": None,
        "intermediate": _width(width),
    }
    return template.model_copy(update=changed)


def _mixture(template: LanguageModel, total: float, active: float) -> LanguageModel:
    counted = parameters(template)
    per_width = template.expert_layers * template.ffn_matrices * template.hidden
    rest = counted.active - counted.routed_experts * counted.active_share
    width = _width((active - rest) / (per_width * template.experts_per_token))
    router = template.expert_layers * template.hidden
    rest -= router * template.routed_experts
    experts = round((total - rest - counted.embedding) / (per_width * width + router))
    return template.model_copy(
        update={
            "expert_intermediate": width,
            "routed_experts": max(template.experts_per_token, experts),
        }
    )


def _width(width: float) -> int:
    return max(WIDTH_STEP, round(width / WIDTH_STEP) * WIDTH_STEP)
