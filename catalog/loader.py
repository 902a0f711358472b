"""Reading the shipped files and the overlays on top of them into one Catalog.

Overlays are stacked in the order given. A row whose key exists changes the columns that it
fills; a new key adds a row. Everything is read and checked before anything is used, so a bad
row leaves nothing half-applied.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.catalog import Catalog, LeftOut
from catalog.delimited import parse_rows
from catalog.errors import CatalogError, did_you_mean
from catalog.facility import Fact
from catalog.fingerprint import fingerprint, stack_files
from catalog.finish import OfferFinisher, Unusable
from catalog.layers import Layers
from catalog.running_cost import PUE_FACT
from catalog.schema import Accelerator
from catalog.tables import TABLES
from catalog.validation import validate

DATA = Path(__file__).parent / "data"


_loaded: dict[tuple[str, ...], Catalog] = {}
"""The last catalogue of each stack of overlays."""
MAX_REMEMBERED = 4


def load(overlays: Sequence[Path | str] = ()) -> Catalog:
    """The shipped catalogue with overlays on top (files or folders, CSV or YAML).

    The same bytes give the same object again: every file is read and hashed each time, so that
    an answer can never be stale. Raises CatalogError naming file, row and column.
    """
    paths = [Path(overlay) for overlay in overlays]
    stack = tuple(str(path.absolute()) for path in paths)
    known = _loaded.pop(stack, None)
    if known is None or fingerprint(_files(paths, known)) != known.sha256:
        known = _read(paths)
    while len(_loaded) >= MAX_REMEMBERED:
        del _loaded[next(iter(_loaded))]
    _loaded[stack] = known
    return known


def _read(overlays: Sequence[Path]) -> Catalog:
    before = fingerprint(stack_files(DATA, overlays))
    layers = Layers()
    layers.add_folder(DATA, shipped=True)
    for overlay in overlays:
        layers.add(overlay)
    built = _build(layers)
    if fingerprint(stack_files(DATA, overlays)) != before:
        raise CatalogError("a file of the catalogue changed while it was read", hint="try again")
    return replace(built, sha256=fingerprint(_files(overlays, built)))


def _files(overlays: Sequence[Path], built: Catalog) -> list[Path]:
    """Every file of a catalogue, with lists of lengths that lie in no folder of the stack."""
    files = stack_files(DATA, overlays)
    return files + sorted(set(built.length_files.values()) - set(files))


def _build(layers: Layers) -> Catalog:
    about = {row["key"]: row["value"] for row in _plain(layers, "about")}
    as_of = datetime.date.fromisoformat(about["as_of"])
    rows = {name: _rows(layers, name) for name in TABLES if name != "offers"}
    accelerators = _accelerators_by_name(rows["accelerators"])
    left_out = [LeftOut(**row) for row in _plain(layers, "left_out")]
    finisher = OfferFinisher(
        accelerators,
        rows["chassis"],
        {r.currency.casefold(): r for r in rows["exchange_rates"]},
        as_of,
        _usual_pue(rows["facts"]),
    )
    offers = _offers(layers, finisher, left_out)
    return Catalog(
        accelerators={row.name: row for row in rows["accelerators"]},
        chassis={row.name: row for row in rows["chassis"]},
        offers={row.name: row for row in offers},
        models={row.id: row for row in rows["models"]},
        checkpoints=tuple(rows["checkpoints"]),
        precisions={row.name: row for row in rows["precisions"]},
        engines={row.name: row for row in rows["engines"]},
        workloads={row.name: row for row in rows["workloads"]},
        support_rows={(r.engine, r.architecture, r.precision): r for r in rows["support"]},
        kv_support_rows={(r.engine, r.architecture, r.precision): r for r in rows["kv_support"]},
        quality_losses=tuple(rows["quality_losses"]),
        mig_profiles=tuple(rows["mig_profiles"]),
        exchange_rates={row.currency: row for row in rows["exchange_rates"]},
        facts={row.name: row for row in rows["facts"]},
        left_out=tuple(left_out),
        origins=layers.origins(),
        sha256="",
        as_of=as_of,
        length_files={
            row.name: layers.beside("workloads", row.name, row.file) for row in rows["workloads"]
        },
    )


def _usual_pue(facts: Sequence[Fact]) -> float:
    return next(fact.number for fact in facts if fact.name == PUE_FACT and fact.number)


def _rows(layers: Layers, name: str) -> list[Any]:
    cells, places = layers.rows(name)
    return validate(TABLES[name], cells, places)


def _plain(layers: Layers, stem: str) -> list[dict[str, str]]:
    file = DATA / f"{stem}.csv"
    return [row for _, row in parse_rows(layers.text(file), file=file.name)]


def _accelerators_by_name(rows: Sequence[Accelerator]) -> dict[str, Accelerator]:
    table: dict[str, Accelerator] = {}
    for row in rows:
        for name in row.aliases:
            table.setdefault(name.casefold(), row)
    table.update({row.name.casefold(): row for row in rows})
    return table


def _offers(layers: Layers, finisher: OfferFinisher, left_out: list[LeftOut]) -> list[Any]:
    cells, places = layers.rows("offers")
    kept: list[Mapping[str, object]] = []
    kept_places = []
    for row, place in zip(cells, places, strict=True):
        try:
            kept.append(finisher.finish(row))
            kept_places.append(place)
        except Unusable as unusable:
            if layers.is_overlay(place[0]):
                raise _refusal(unusable, place, row, finisher) from None
            name = f"{row.get('provider')}/{row.get('instance_type')}/{row.get('region')}"
            left_out.append(LeftOut("offers", name, unusable.reason))
    return validate(TABLES["offers"], kept, kept_places)


def _refusal(
    unusable: Unusable, place: tuple[str, int], row: Mapping[str, object], finisher: OfferFinisher
) -> CatalogError:
    hints = {
        "accelerator": did_you_mean(
            str(row.get("accelerator")),
            (
                name
                for item in finisher.accelerators.values()
                for name in (item.name, *item.aliases)
            ),
        )
        or "add it to an accelerators.csv of the overlay",
        "currency": "add a dated row to an exchange_rates.csv of the overlay",
        "nameplate_power_w": "fill nameplate_power_w, or tdp_w of the accelerator",
    }
    own = "an own node has a price_per_h, or electricity_per_kwh with pue and amortisation_per_h"
    file, line = place
    return CatalogError(
        unusable.reason,
        file=file,
        row=line,
        column=unusable.column,
        hint=unusable.hint or hints.get(unusable.column, own),
    )
