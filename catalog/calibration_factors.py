"""Factors on the constants of the step time, and the names by which deviations are looked up."""

from dataclasses import dataclass

from catalog.calibration_rows import ArchitectureFactor, Deviation, Scope
from catalog.schema import Accelerator
from catalog.silicon import silicon


@dataclass(frozen=True, slots=True)
class Factors:
    """Factors on shares of the peaks and on overheads [1]."""

    compute_factor: float = 1.0
    bandwidth_factor: float = 1.0
    overhead_factor: float = 1.0
    frontend_factor: float = 1.0
    waiting_factor: float = 1.0

    def times(self, other: "Factors | ArchitectureFactor | Deviation | None") -> "Factors":
        """Both together; None changes nothing."""
        if other is None:
            return self
        return Factors(
            self.compute_factor * other.compute_factor,
            self.bandwidth_factor * other.bandwidth_factor,
            self.overhead_factor * other.overhead_factor,
            self.frontend_factor * other.frontend_factor,
            self.waiting_factor * other.waiting_factor,
        )


def scopes(accelerator: Accelerator, family: str, version: str | None = None) -> dict[Scope, str]:
    """Names by which an engine deviates with a model family on an accelerator, by scope.

    `version` is the month of the engine's version, where one is known.
    """
    kind = silicon(accelerator)
    names: dict[Scope, str] = {
        "silicon": kind,
        "accelerator": accelerator.name,
        "family": family,
        "family on silicon": f"{family} on {kind}",
    }
    return names if version is None else {**names, "version": version}
