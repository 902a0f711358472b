"""Measurement rows for tests: one good row, changed where a test needs it."""

from catalog.calibration import load_calibration
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.prediction import Prediction, predict

GOOD = {
    "id": "T1", "source": "test", "kind": "tpot", "model": "Llama-3.1-70B",
    "params_total_b": "70.6", "params_active_b": "70.6", "precision_weights": "fp8",
    "precision_kv": "", "engine": "vLLM", "engine_version": "0.12.0", "gpu": "NVIDIA H100 80GB",
    "gpu_count": "4", "nodes": "1", "tp": "4", "pp": "1", "dp": "", "ep": "", "isl": "1024",
    "osl": "256", "concurrency_or_batch": "16", "qps": "", "metric": "tpot_mean", "value": "14",
    "unit": "ms", "notes": "",
}  # fmt: skip


def row(**changes):
    """The good row with changes."""
    return {**GOOD, **{name: str(value) for name, value in changes.items()}}


def questions(*changes):
    """Questions of the good row, with each of these changes."""
    return understood(row(**change) for change in changes).questions


def one(**changes):
    """What the good row with these changes is predicted as, or refused for."""
    (answer,) = predict([row(**changes)], load_calibration())
    return answer


def value(**changes):
    """The predicted value of the good row with these changes."""
    answer = one(**changes)
    assert isinstance(answer, Prediction), answer
    return answer.value
