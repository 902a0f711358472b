"""Which tables there are: file stem, row class and the columns that make a row's key."""

from dataclasses import dataclass

from catalog.facility import Chassis, ExchangeRate, Fact
from catalog.mig import MigProfile
from catalog.schema import (
    Accelerator,
    Checkpoint,
    Engine,
    KvSupport,
    LanguageModel,
    Offer,
    Precision,
    QualityLoss,
    Row,
    Support,
    WorkloadPreset,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the catalogue."""

    name: str
    row: type[Row]
    key: tuple[str, ...]

    def key_of(self, cells: dict[str, object]) -> tuple[str, ...]:
        """Key of a row, case-folded so that spelling variants collide."""
        return tuple(str(cells.get(column) or "").casefold() for column in self.key)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("exchange_rates", ExchangeRate, ("currency",)),
        Table("accelerators", Accelerator, ("name",)),
        Table("chassis", Chassis, ("name",)),
        Table("mig_profiles", MigProfile, ("accelerator", "profile")),
        Table("offers", Offer, ("provider", "instance_type", "region", "terms")),
        Table("models", LanguageModel, ("id",)),
        Table("checkpoints", Checkpoint, ("model", "precision", "checkpoint")),
        Table("precisions", Precision, ("name",)),
        Table("support", Support, ("engine", "architecture", "precision")),
        Table("kv_support", KvSupport, ("engine", "architecture", "precision")),
        Table(
            "quality_losses",
            QualityLoss,
            ("precision", "family", "model", "method", "benchmark"),
        ),
        Table("engines", Engine, ("name",)),
        Table("workloads", WorkloadPreset, ("name",)),
        Table("facts", Fact, ("name",)),
    )
}
