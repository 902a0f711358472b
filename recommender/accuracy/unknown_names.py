"""What is said of names that mean nothing here: the nearest ones that do."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from catalog.errors import did_you_mean
from catalog.schema import Accelerator, LanguageModel, Precision
from recommender.accuracy.accelerator_names import refused_name
from recommender.accuracy.engine_names import SERVING_ENGINES
from recommender.accuracy.model_names import plain_name
from recommender.accuracy.precision_names import BITS, is_known_precision

_CHIP = re.compile(r"\b[A-Za-z]+\d+[A-Za-z]?\b")
"""A word that names a chip: H100, MI300X, L40S."""


def unknown_model(name: str, known: Mapping[str, LanguageModel]) -> str:
    """Why a model is refused; `known` is by plain name."""
    plain = plain_name(name)
    close = [key for key in known if plain and key.startswith(plain)]
    close = sorted(close, key=len) or get_close_matches(plain, known, n=3)
    ids = dict.fromkeys(known[key].id.rsplit("/", 1)[-1] for key in close)
    hint = f"; did you mean {' or '.join([*ids][:3])}?" if ids else ""
    what = "may be several of" if len(ids) > 1 and close[0].startswith(plain) else "is not in"
    return f"model {name!r} {what} the catalogue, and the row states no size{hint}"


def unknown_accelerator(name: str, known: Mapping[str, Accelerator]) -> str:
    """Why an accelerator is refused that is not in the catalogue; `known` is by name."""
    if not name:
        return "gpu is blank"
    if reason := refused_name(name, known.values()):
        return reason
    names = list(known)
    written = _otherwise_written(name, names)
    if written:
        hint = f"; did you mean {' or '.join(written)}?"
    else:
        spelled = _CHIP.findall(name)
        chips = {chip for other in names for chip in _CHIP.findall(other)}
        hint = _hint(spelled[0], chips) if spelled else _hint(name, names)
    return f"accelerator {name!r} is not in the catalogue{hint}"


def _otherwise_written(name: str, known: Iterable[str]) -> list[str]:
    """Names in which this one is, but for spaces and hyphens: RTX4090, Gaudi 3, v5e."""
    bare = _plain(name)
    found = [other for other in known if len(bare) > 2 and bare in _plain(other)]
    return sorted(found, key=lambda other: (len(other), other))[:3]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def unknown_engine(name: str) -> str:
    """What is assumed of an engine that has no constants."""
    return f"engine {name!r} unknown: as the mean of all{_hint(name, SERVING_ENGINES)}"


def unknown_format(weights: str, cache: str, own: Mapping[str, Precision]) -> str:
    """Why a row of these formats is refused; blank where both are known, here or as one's `own`."""
    known = dict.fromkeys((*BITS, *(row.name for row in own.values())))
    for what, name in (("precision_weights", weights), ("precision_kv", cache)):
        if name.strip().casefold() not in own and not is_known_precision(name):
            return f"{what} {name!r} is not known; known are {', '.join(known)}"
    return ""


def _hint(name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known)
    return f"; {hint}" if hint else ""
