"""Own runs of single deployments for tests: many lengths and loads, some noise."""

import numpy as np
from measurement_rows import row
from run_rows import PLANNED

from recommender.accuracy.fit.measured import understood
from recommender.accuracy.prediction import in_unit, own_values

LENGTHS = ((512, 256), (1024, 256), (2048, 512), (1024, 512))
LOADS = (1, 8, 32, 64, 128)


def runs_of(*, lengths=LENGTHS, loads=LOADS, slower=1.0, noise=0.03, **changes):
    """One TPOT row for each of the lengths and loads, `slower` times what plans predict."""
    rng = np.random.default_rng(3)
    usual = {"gpu": "AMD MI355X", "model": "Llama-3.3-70B", "tp": 4, "gpu_count": 4} | changes
    rows = [
        row(**{"isl": i, "osl": o, "concurrency_or_batch": load} | usual)
        for i, o in lengths
        for load in loads
    ]
    questions = understood(rows).questions
    predicted = own_values(questions, PLANNED)
    return [
        {**record, "value": str(in_unit(asked, own) * slower * np.exp(noise * rng.normal()))}
        for record, asked, own in zip(rows, questions, predicted, strict=True)
    ]
