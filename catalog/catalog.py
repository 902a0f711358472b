"""The loaded catalogue and its look-ups; unknown names get a did-you-mean."""

import datetime
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from catalog.errors import CatalogError, did_you_mean
from catalog.facility import Chassis, ExchangeRate, Fact
from catalog.hub import hub_model
from catalog.matching import matching
from catalog.mig import MigProfile
from catalog.quality import Loss, quality_loss
from catalog.schema import (
    Accelerator,
    Checkpoint,
    Engine,
    KvSupport,
    LanguageModel,
    Offer,
    Precision,
    QualityLoss,
    Support,
    Terms,
    WorkloadPreset,
)
from catalog.shapes import shaped

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Tokens = npt.NDArray[np.int64]

Triple = tuple[str, str, str]
Item = TypeVar("Item")
_EVERY = "`recommend {}` shows every one"
MOST_NAMED = 16
"""Names that a message lists."""


class LeftOut(NamedTuple):
    """Something that the catalogue does not use, and why."""

    table: str
    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Catalog:
    """Everything that can be bought and served. Mappings keep the order of their files."""

    accelerators: Mapping[str, Accelerator]
    chassis: Mapping[str, Chassis]
    offers: Mapping[str, Offer]
    models: Mapping[str, LanguageModel]
    checkpoints: Sequence[Checkpoint]
    precisions: Mapping[str, Precision]
    engines: Mapping[str, Engine]
    workloads: Mapping[str, WorkloadPreset]
    support_rows: Mapping[Triple, Support]
    kv_support_rows: Mapping[Triple, KvSupport]
    quality_losses: Sequence[QualityLoss]
    exchange_rates: Mapping[str, ExchangeRate]
    facts: Mapping[str, Fact]
    left_out: Sequence[LeftOut]
    origins: Mapping[tuple[str, tuple[str, ...]], tuple[str, ...]]
    """(table, key) → the files that its columns came from, later ones above earlier ones."""
    sha256: str
    """Hash of every byte that was loaded."""
    as_of: datetime.date
    """Day that ages are counted from, so that answers do not change with the clock."""
    length_files: Mapping[str, Path] = field(default_factory=dict)
    mig_profiles: Sequence[MigProfile] = ()

    def model(self, name: str) -> LanguageModel:
        """The model that a name means, the first that fits:

        an id, alias or last part of an id, in any case, `:`, `-` and `_` alike;
        a config file, or the folder of one; a size (`34b`, `236b-a21b`);
        a hub id (with the optional `hub` extra).
        """
        found = self._models_by_name.get(name.strip().casefold())
        found = found or self._models_by_plain_name.get(_plain(name))
        if found is not None:
            return found
        if name.endswith((".json", ".yaml", ".yml")) or os.path.isdir(name):
            from catalog.model_reader import read_model_config

            return read_model_config(Path(name))
        shape = shaped(name, self.models.values())
        if shape is not None:
            return shape
        hint = did_you_mean(name, self._model_names)
        if name.count("/") == 1 and not name.startswith((".", "/")):
            return hub_model(name.strip(), near=hint)
        raise CatalogError(f"unknown model {name!r}", hint=hint or _EVERY.format("models list"))

    def checkpoint(self, model: LanguageModel, precision: str) -> str | None:
        """Published checkpoint of a model in a precision; None: it needs quantising first."""
        if precision == model.native_precision:
            return model.id
        for row in self.checkpoints:
            if row.model == model.id and row.precision == precision:
                return row.checkpoint
        return None

    def accelerator(self, name: str) -> Accelerator:
        """The accelerator of an exact name or alias."""
        return _find(self._accelerators_by_name, name, what="accelerator", shown=self.accelerators)

    def accelerator_names(self, query: str) -> list[str]:
        """All accelerators that a name, alias, family, architecture or vendor means."""
        names = matching(query, self.accelerators.values())
        if not names:
            known = (n for row in self.accelerators.values() for n in (row.name, *row.aliases))
            hint = did_you_mean(query, known) or _EVERY.format("catalog list accelerators")
            raise CatalogError(f"unknown accelerator {query!r}", hint=hint)
        return names

    def precision(self, name: str) -> Precision:
        """The precision of a name or alias."""
        return _find(self._precisions_by_name, name, what="precision", shown=self.precisions)

    @cached_property
    def _precisions_by_name(self) -> dict[str, Precision]:
        return _by_name(self.precisions.values(), lambda row: (row.name, *row.aliases))

    def engine(self, name: str) -> Engine:
        """The engine of a name."""
        table = {key.casefold(): row for key, row in self.engines.items()}
        return _find(table, name, what="engine", shown=self.engines)

    def workload(self, name: str) -> WorkloadPreset:
        """The workload preset of a name."""
        table = {key.casefold(): row for key, row in self.workloads.items()}
        return _find(table, name, what="workload", shown=self.workloads)

    def offer(self, name: str) -> Offer:
        """The offer of a name."""
        return _find(self.offers, name, what="offer", shown=self.offers)

    @cached_property
    def providers(self) -> tuple[str, ...]:
        """Providers with at least one offer."""
        return tuple(dict.fromkeys(offer.provider for offer in self.offers.values()))

    def support(self, engine: str, accelerator: str, precision: str) -> Support:
        """How an engine runs a precision on an accelerator; mode `none` where nothing says."""
        architecture = self.accelerator(accelerator).architecture
        found = self.support_rows.get((engine, architecture, precision))
        return found or Support(
            engine=engine,
            architecture=architecture,
            precision=precision,
            mode="none",
            compute_format="bf16",
            source="no row says that it is supported",
            verification="derived",
        )

    def kv_supported(self, engine: str, accelerator: str, kv_precision: str) -> bool:
        """Whether an engine holds its KV cache in a format on an accelerator."""
        architecture = self.accelerator(accelerator).architecture
        row = self.kv_support_rows.get((engine, architecture, kv_precision))
        return row is not None and row.supported

    def quality_loss(
        self,
        precision: str,
        kv_precision: str,
        family: str,
        native_precision: str = "bf16",
        native_kv_precision: str | None = None,
    ) -> Loss:
        """(loss [%], basis, source) of weights and cache in these formats; see quality.py."""
        return quality_loss(
            self.quality_losses,
            precision=precision,
            kv_precision=kv_precision,
            family=family,
            native_precision=native_precision,
            native_kv_precision=native_kv_precision,
        )

    def default_offers(self, terms: Iterable[Terms] = ("on_demand",)) -> list[Offer]:
        """Offers that a plan uses unless told otherwise; own hardware always."""
        wanted = {*terms, "owned"}
        return [offer for offer in self.offers.values() if offer.default and offer.terms in wanted]

    def warnings(self, today: datetime.date) -> list[str]:
        """What the calendar has made doubtful; answers themselves do not change with it."""
        old = today - datetime.timedelta(days=366)
        default = [offer for offer in self.offers.values() if offer.default]
        stale = sum(1 for offer in default if offer.date and offer.date < old)
        found = []
        if stale:
            found.append(
                f"{stale} default prices are more than 12 months old; "
                "`recommend catalog import live:PROVIDER` reads current ones"
            )
        for currency in sorted({offer.currency for offer in default} - {"USD"}):
            rate = self.exchange_rates.get(currency.upper())
            if rate is not None and rate.date < old:
                found.append(
                    f"the exchange rate of {currency} is of {rate.date}; state a newer one"
                )
        return found

    def lengths(self, preset: str) -> "tuple[Tokens, Tokens]":
        """Prompt and output lengths of a preset, equally likely pairs, shape (n,) [tokens]."""
        from catalog.lengths import read_lengths

        return read_lengths(self.length_files[self.workload(preset).name])

    @cached_property
    def spellings(self) -> dict[str, list[str]]:
        """What foreign spellings of accelerators mean, as far as they were looked up: a price list
        has thousands of rows and few accelerators.
        """
        return {}

    @cached_property
    def _accelerators_by_name(self) -> dict[str, Accelerator]:
        return _by_name(self.accelerators.values(), lambda row: (row.name, *row.aliases))

    @cached_property
    def _models_by_name(self) -> dict[str, LanguageModel]:
        table = _by_name(self.models.values(), lambda row: (row.id.rsplit("/")[-1],))
        table.update(_by_name(self.models.values(), lambda row: (row.id, *row.aliases)))
        return table

    @cached_property
    def _models_by_plain_name(self) -> dict[str, LanguageModel]:
        table: dict[str, LanguageModel] = {}
        ambiguous: set[str] = set()
        for name, row in self._models_by_name.items():
            if table.setdefault(_plain(name), row) is not row:
                ambiguous.add(_plain(name))
        return {name: row for name, row in table.items() if name not in ambiguous}

    @cached_property
    def _model_names(self) -> tuple[str, ...]:
        return tuple(
            name for row in self.models.values() for name in (row.id.rsplit("/")[-1], *row.aliases)
        )


def _plain(name: str) -> str:
    """A name without the signs that people swap: llama3.1:8b is llama-3.1-8b."""
    return re.sub(r"[-_:\s]", "", name.casefold())


def _by_name(rows: Iterable[Item], names: Callable[[Item], Iterable[str]]) -> dict[str, Item]:
    table: dict[str, Item] = {}
    for row in rows:
        for name in names(row):
            table.setdefault(name.casefold(), row)
    return table


def _find(table: Mapping[str, Item], name: str, *, what: str, shown: Iterable[str]) -> Item:
    found = table.get(name.strip().casefold()) or table.get(name)
    if found is None:
        known = list(shown)
        every = _EVERY.format(f"catalog list {what}s")
        if len(known) <= MOST_NAMED:
            every = f"known are {', '.join(known)}"
        hint = did_you_mean(name, known) or every
        raise CatalogError(f"unknown {what} {name!r}", hint=hint)
    return found
