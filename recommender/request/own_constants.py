"""Constants of step times: the shipped ones, or those of the user's own runs, and what they say."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog.calibration import Calibration, Kind, load_calibration
from catalog.calibration_rows import OWN_RUNS, Deviation
from catalog.calibration_version import rests_on_shipped
from catalog.network import network
from catalog.schema import LanguageModel
from recommender.errors import SpecError
from recommender.performance.own_reach import REACH
from recommender.plan import Assumption
from recommender.request.spec import Spec


def calibration_of(spec: Spec) -> Calibration:
    """The shipped constants, or those of `--calibration`.

    Raises
    ------
    SpecError
        The folder is none, or holds a row that cannot be used.
    """
    folder = spec.calibration
    if folder is None:
        return load_calibration()
    try:
        return load_calibration(Path(folder))
    except OSError as error:
        raise SpecError(
            f"--calibration {folder} holds no calibration: {error.filename}: {error.strerror}"
        ) from None
    except ValueError as error:
        raise SpecError(f"--calibration {folder}: {error}") from None


def own_constants(
    spec: Spec, models: Sequence[LanguageModel], *, engine: str
) -> Iterator[Assumption]:
    """What the constants of the engine, by its name in the catalogue, rest on where the user gave
    them: also that own runs are of another engine, and change nothing here.
    """
    if spec.calibration is None:
        return
    kinds: dict[Kind, None] = dict.fromkeys("moe" if model.is_moe else "dense" for model in models)
    calibration = calibration_of(spec)
    if not rests_on_shipped(calibration):
        other = (
            "another version's constants, a refit, or without one of their tables; own runs are"
            " calibrated anew after an update"
        )
        yield Assumption("step times", f"{spec.calibration}: {other}", "--calibration")
    for kind in kinds:
        for own in _of_own_silicon(calibration, engine, kind):
            value = f"{spec.calibration}: {own.engine} ({kind}) on {own.name}, {own.rows} rows, "
            yield Assumption("step times", f"{value}{own.note}; {own.source}", "--calibration")
        row = calibration.constants(engine=engine, kind=kind)
        whose = row.source if row.source.startswith(OWN_RUNS) else "not of your own runs"
        scaled = f", {row.note}" if row.note else ""
        yield Assumption(
            "step times",
            f"{spec.calibration}: {row.engine} ({kind}), {row.rows} rows{scaled}; {whose}",
            "--calibration",
            row.source,
        )
    yield from _own_margins(engine, models, calibration)


def _own_margins(
    engine: str, models: Sequence[LanguageModel], calibration: Calibration
) -> Iterator[Assumption]:
    """Deployments whose margin for model error is that of own runs, and what they speak for."""
    names = {network(model): model.id for model in models}
    for row in calibration.own_errors:
        if row.engine != engine or row.kind != "tpot" or row.network not in names:
            continue
        degrees = {"tp": row.tp, "pp": row.pp, "adp": row.adp, "ep": row.ep}
        cut = " ".join(f"{key} {value:g}" for key, value in degrees.items() if value > 1)
        least, most = row.least_context_tokens / REACH, row.most_context_tokens * REACH
        yield Assumption(
            "margin of own runs",
            f"{names[row.network]} in {row.weight_bits:g} bits on {row.accelerator}"
            f"{', ' + cut if cut else ''}: deviation {row.log_standard_deviation:.3f} from"
            f" {row.runs} different runs ({row.rows} rows), for contexts of {least:,.0f} to"
            f" {most:,.0f} tokens and up to {row.most_sequences * REACH:g} sequences of a rank",
            "--calibration",
            row.source,
        )


def _of_own_silicon(calibration: Calibration, engine: str, kind: Kind) -> Iterator[Deviation]:
    for row in calibration.deviations:
        if (row.engine, row.kind) == (engine, kind) and row.source.startswith(OWN_RUNS):
            yield row
