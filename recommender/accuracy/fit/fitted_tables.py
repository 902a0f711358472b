"""configurations.csv and fitted_accelerators.csv: what the fitted runs ran on."""

import datetime
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from catalog.fitted_figures import FIGURES
from catalog.network import network
from recommender.accuracy.fit.tables import FEWEST_ROWS, SOURCE, write_rows
from recommender.accuracy.question import Question
from recommender.accuracy.scenario_setting import setting_of


def write_fitted(folder: Path, questions: Sequence[Question], *, day: datetime.date) -> None:
    """Write which configurations and which accelerators these rows are of."""
    common = {"source": SOURCE, "verification": "derived", "date": day.isoformat()}
    write_rows(folder / "configurations.csv", [{**r, **common} for r in configurations(questions)])
    rows = [{**row, **common} for row in accelerators(questions)]
    write_rows(folder / "fitted_accelerators.csv", rows)


def configurations(questions: Sequence[Question]) -> list[dict[str, object]]:
    """One row per deployment, and per family of one network."""
    counted = Counter(
        (network(one.model), one.model.family, one.accelerator.name, one.engine, setting_of(one))
        for one in (question.scenario for question in questions)
    )
    return [
        {
            "network": model, "family": family, "accelerator": accelerator, "engine": engine,
            "weight_bits": bits, "tp": tp, "pp": pp, "adp": adp, "ep": ep, "rows": rows,
        }
        for (model, family, accelerator, engine, (bits, tp, pp, adp, ep)), rows in sorted(
            counted.items()
        )
    ]  # fmt: skip


def accelerators(questions: Sequence[Question]) -> list[dict[str, object]]:
    """Accelerators with enough rows to count as fitted, with their figures."""
    counted = Counter(question.scenario.accelerator.name for question in questions)
    known = {
        question.scenario.accelerator.name: question.scenario.accelerator for question in questions
    }
    return [
        {
            "accelerator": name,
            **{
                figure: "" if getattr(known[name], figure) is None else getattr(known[name], figure)
                for figure in FIGURES
            },
            "rows": rows,
        }
        for name, rows in sorted(counted.items())
        if rows >= FEWEST_ROWS
    ]
