"""The stack of files that a catalogue is made of: shipped tables below, overlays above."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog.delimited import decode, parse_rows
from catalog.errors import CatalogError, did_you_mean
from catalog.finish import RUNNING
from catalog.tables import TABLES, Table
from catalog.validation import Place

Cells = dict[str, object]
Key = tuple[str, ...]


class Layers:
    """Rows by table and key, each with the files that it came from."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[Key, Cells]] = {name: {} for name in TABLES}
        self._places: dict[tuple[str, Key], list[tuple[Path, int]]] = {}
        self._texts: dict[Path, str] = {}
        self._overlay: set[Path] = set()

    def add(self, overlay: Path) -> None:
        """Put a file or a folder on top."""
        if overlay.is_dir():
            self.add_folder(overlay, shipped=False)
        elif overlay.is_file():
            self._add_file(overlay, shipped=False)
        else:
            raise CatalogError("no such file or folder", file=str(overlay))

    def add_folder(self, folder: Path, *, shipped: bool) -> None:
        """Put every table of a folder on top."""
        files = sorted(f for f in folder.iterdir() if f.suffix.lower() in (".csv", ".yaml", ".yml"))
        if not shipped and not files:
            raise CatalogError("holds no .csv or .yaml file", file=str(folder))
        for file in files:
            if file.stem in TABLES if shipped else not _is_lengths(self.text(file)):
                self._add_file(file, shipped=shipped)

    def _add_file(self, file: Path, *, shipped: bool) -> None:
        if not shipped:
            self._overlay.add(file)
        if file.suffix.lower() in (".yaml", ".yml"):
            from catalog.structured import read_tables

            tables: Mapping[str, Iterable[tuple[int, Mapping[str, object]]]]
            tables = read_tables(self.text(file), file=str(file))
        elif file.suffix.lower() != ".csv":
            raise CatalogError("is neither .csv nor .yaml", file=str(file))
        else:
            tables = {_table_of(file): parse_rows(self.text(file), file=str(file))}
        for name, rows in tables.items():
            self._merge(name, rows, file)

    def _merge(
        self, name: str, rows: Iterable[tuple[int, Mapping[str, object]]], file: Path
    ) -> None:
        table = TABLES[name]
        held, seen = self._cells[name], dict[Key, int]()
        for line, row in rows:
            cells: Cells = dict(row)
            if file in self._overlay:
                _check_columns(table, cells, file, line)
            if name == "offers" and file in self._overlay:
                cells = {"terms": "on_demand", "region": "unspecified", **cells}
            key = table.key_of(cells)
            below = held.get(key, self._defaults(name, file))
            if name == "offers" and file in self._overlay:
                below = _without_price(below, cells, file)
            if key in seen:
                raise CatalogError(
                    f"has the same {', '.join(table.key)} as row {seen[key]}",
                    file=str(file),
                    row=line,
                    hint="keep one of them",
                )
            seen[key] = line
            held[key] = {**below, **cells}
            self._places.setdefault((name, key), []).append((file, line))

    def _defaults(self, name: str, file: Path) -> Cells:
        if file not in self._overlay:
            return {}
        added: Cells = {"source": f"overlay {file.name}"}
        return {**added, "kind": "quote"} if name == "offers" else added

    def text(self, file: Path) -> str:
        """Text of a file, read once."""
        if file not in self._texts:
            self._texts[file] = decode(file)
        return self._texts[file]

    def rows(self, name: str) -> tuple[list[Cells], list[Place]]:
        """Merged rows of a table, and the topmost file and row of each."""
        held = self._cells[name]
        tops = (self._places[name, key][-1] for key in held)
        return list(held.values()), [(str(file), line) for file, line in tops]

    def is_overlay(self, file: str) -> bool:
        """Whether a file is the user's."""
        return Path(file) in self._overlay

    def origins(self) -> dict[tuple[str, Key], tuple[str, ...]]:
        """(table, key) → the files that its columns came from, lowest first."""
        return {
            where: tuple(
                file.name if file not in self._overlay else str(file) for file, _ in places
            )
            for where, places in self._places.items()
        }

    def beside(self, name: str, key: str, file: str) -> Path:
        """Path of a file that a row names, next to the file of the row."""
        base = self._places[name, (key.casefold(),)][-1][0].parent
        nested = base / name / file
        return nested if nested.is_file() else base / file


def _without_price(below: Cells, cells: Cells, file: Path) -> Cells:
    """A price of the user is a quote of today: the price below and its date do not apply."""
    if "price_per_h" in cells:
        dropped = {*RUNNING, "price_basis", "price_per_h"}
    elif not set(RUNNING).isdisjoint(cells):
        dropped = {"price_basis", "price_per_h"}
    else:
        return below
    dropped |= {"date", "date_precision", "usd_per_h", "default", "kind", "source"}
    kept = {name: value for name, value in below.items() if name not in dropped}
    return {**kept, "kind": "quote", "source": f"overlay {file.name}"}


def _is_lengths(text: str) -> bool:
    """Whether a file is the list of lengths of a workload, not a table."""
    return text.partition("\n")[0].strip() == "input_tokens,output_tokens"


def _check_columns(table: Table, cells: Cells, file: Path, line: int) -> None:
    columns = table.row.model_fields
    for name in cells:
        if name not in columns:
            raise CatalogError(
                f"is not a column of {table.name}",
                file=str(file),
                row=line,
                column=name,
                hint=did_you_mean(name, columns) or "columns: " + ", ".join(columns),
            )


def _table_of(file: Path) -> str:
    stem = file.stem.casefold()
    for name in TABLES:
        if stem == name or stem.startswith((f"{name}-", f"{name}_", f"{name}.")):
            return name
    hint = did_you_mean(stem, TABLES) or "name it after its table: " + ", ".join(TABLES)
    raise CatalogError("its name is not that of a table", file=str(file), hint=hint)
