"""Names of measurement rows looked up among the rows at hand: the catalogue's and one's own.

Published names are spelled in many ways and are matched by their words. Rows that an overlay adds
are first looked up as they are written, by name or alias, as plans look them up: their names need
not follow anybody's rules, and must not be taken for a published accelerator of like words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from catalog.schema import Accelerator, Engine, LanguageModel, Precision, Support
from recommender.accuracy.accelerator_names import is_tied, resolve_accelerator
from recommender.accuracy.engine_names import engine_key, engine_year
from recommender.accuracy.model_names import ResolvedModel, resolve_model
from recommender.accuracy.own_precision import own_format
from recommender.accuracy.precision_names import Format, precision_name
from recommender.accuracy.unknown_names import unknown_accelerator, unknown_model

MOST_NAMES = 4096


@dataclass(frozen=True, slots=True)
class OwnRows:
    """Rows of overlays, by the names that mean them, folded."""

    accelerators: Mapping[str, Accelerator] = field(default_factory=dict)
    """Added ones, by name and alias."""
    models: Mapping[str, LanguageModel] = field(default_factory=dict)
    """Added ones, by id, last part of the id and alias."""
    engines: Mapping[str, Engine] = field(default_factory=dict)
    """Added ones by name."""
    changed_engines: Mapping[str, Engine] = field(default_factory=dict)
    """Shipped ones of which columns were changed, by name."""
    precisions: Mapping[str, Precision] = field(default_factory=dict)
    """Added ones and those of which columns were changed, by name and alias."""
    support: Mapping[tuple[str, str, str], Support] = field(default_factory=dict)
    """How engines run them: by engine, architecture and name of the precision."""


@dataclass
class Names:
    """Rows to resolve names against, with what was already found."""

    accelerators: Mapping[str, Accelerator]
    models: Mapping[str, LanguageModel]
    """By plain name, see `index_models`."""
    own: OwnRows = field(default_factory=OwnRows)
    support: Mapping[tuple[str, str], Mapping[str, Support]] = field(default_factory=dict)
    """How engines run precisions, overlays included: by engine and architecture, by precision."""
    found_accelerators: dict[str, Accelerator | None] = field(default_factory=dict)
    found_models: dict[tuple[str, float | None], ResolvedModel | None] = field(default_factory=dict)
    tied: dict[str, bool] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    """Why names are refused: the nearest ones take a millisecond to find."""

    @cached_property
    def engines_of_support(self) -> tuple[str, ...]:
        """Engines of which it is known where they run."""
        return tuple(dict.fromkeys(engine for engine, _ in self.support))

    def accelerator(self, name: str) -> Accelerator | None:
        """The accelerator of a published name."""
        if name not in self.found_accelerators:
            _forget(self.found_accelerators)
            own = self.own.accelerators.get(folded(name))
            found = own or resolve_accelerator(name, self.accelerators.values())
            self.found_accelerators[name] = found
        return self.found_accelerators[name]

    def is_tied(self, name: str) -> bool:
        """Whether the name leaves open which of several accelerators is meant."""
        if name not in self.tied:
            _forget(self.tied)
            tied = is_tied(name, self.accelerators.values())
            self.tied[name] = tied and not self.is_own(name)
        return self.tied[name]

    def is_own(self, accelerator: str) -> bool:
        """Whether the name is, as it is written, that of an accelerator of an overlay."""
        return folded(accelerator) in self.own.accelerators

    def model(self, name: str, total_params_b: float | None) -> ResolvedModel | None:
        """The architecture of a published name."""
        key = (name, total_params_b)
        if key not in self.found_models:
            _forget(self.found_models)
            own = self.own.models.get(folded(name))
            self.found_models[key] = (
                ResolvedModel(own)
                if own is not None
                else resolve_model(name, self.models, total_params_b=total_params_b)
            )
        return self.found_models[key]

    def engine(self, name: str) -> str:
        """Key of a published engine's constants; of one's own, its name, as in plans."""
        own = self.own.engines.get(folded(name))
        return engine_key(name) if own is None else own.name

    def engine_year(self, name: str, version: str) -> float | None:
        """Year of an engine's version; of one's own, where the version is a date."""
        return engine_year("" if folded(name) in self.own.engines else name, version)

    def own_engine(self, key: str) -> Engine | None:
        """What an overlay says of the engine with this key; None where it says nothing."""
        name = folded(key)
        return self.own.engines.get(name) or self.own.changed_engines.get(name)

    def own_precision(self, name: str) -> Precision | None:
        """The overlay's row of a format; None for those that are as shipped."""
        return self.own.precisions.get(folded(name))

    def precision(self, name: str) -> str:
        """The plain name of a published format, or that of one's own."""
        own = self.own_precision(name)
        return precision_name(name) if own is None else own.name

    def weights(self, name: str, accelerator: Accelerator, engine: str) -> Format | None:
        """Storage and compute of an own format; None for those that are as shipped."""
        own = self.own_precision(name)
        if own is None:
            return None
        run = self.own.support.get((folded(engine), accelerator.architecture, own.name))
        return own_format(own, accelerator, run)

    def unknown(self, what: Literal["model", "accelerator"], name: str) -> str:
        """Why a row with a name that is none is refused."""
        key = (what, name)
        if key not in self.reasons:
            _forget(self.reasons)
            self.reasons[key] = (
                unknown_model(name, self.models)
                if what == "model"
                else unknown_accelerator(name, self.accelerators)
            )
        return self.reasons[key]


def folded(name: str) -> str:
    """A name as the catalogue looks it up."""
    return name.strip().casefold()


def _forget(found: "dict[Any, Any]") -> None:
    """Names are few in honest files; others must not fill the memory."""
    if len(found) >= MOST_NAMES:
        found.clear()
