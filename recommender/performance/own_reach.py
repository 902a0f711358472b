"""What own runs of a deployment speak for: that deployment, near the lengths and loads of the runs.

    least / REACH <= context, prompt tokens per output token <= REACH * most
    sequences of a rank <= REACH * most

On runs that were held out, claims with this reach covered as many as they should
(`benchmarks/own_run_margins.py`).
"""

import numpy as np
import numpy.typing as npt

from catalog.calibration import Calibration, OwnError, Setting, setting
from catalog.fitted_figures import has_figures_of
from catalog.network import network
from catalog.schema import Accelerator, LanguageModel
from recommender.sizing.number import Number

REACH = 2.0


def own_errors_of(
    calibration: Calibration,
    *,
    model: LanguageModel,
    accelerator: Accelerator,
    engine: str,
    kind: str,
) -> dict[Setting, OwnError]:
    """Errors of the deployments of this network on this very accelerator, by setting."""
    if not calibration.own_errors:
        return {}
    key = (network(model), accelerator.name, engine, kind)
    return {
        setting(row.weight_bits, row.tp, row.pp, row.adp, row.ep): row
        for row in calibration.own_errors
        if (row.network, row.accelerator, row.engine, row.kind) == key
        and has_figures_of(row, accelerator)
    }


def is_near(
    row: OwnError, *, context_tokens: Number, prompt_per_output: Number, sequences: Number
) -> npt.NDArray[np.bool_]:
    """Whether lengths and load are within reach of the runs, of the shape of the arguments."""
    context, ratio = np.asarray(context_tokens), np.asarray(prompt_per_output)
    long_enough = context >= row.least_context_tokens / REACH
    short_enough = context <= row.most_context_tokens * REACH
    alike = (ratio >= row.least_prompt_per_output / REACH) & (
        ratio <= row.most_prompt_per_output * REACH
    )
    loaded = np.asarray(sequences) <= row.most_sequences * REACH
    return np.asarray(long_enough & short_enough & alike & loaded)
