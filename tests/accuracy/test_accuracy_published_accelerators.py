"""What names and notes say of a row's accelerators beyond the chip."""

import pytest
from measurement_rows import row as record

from catalog.calibration import load_calibration
from recommender.accuracy.known_names import known_names
from recommender.accuracy.measurement import parse_measurement
from recommender.accuracy.prediction import Prediction, predict
from recommender.accuracy.question import Question, ask
from recommender.accuracy.scenario import Refused

OFFLINE = "output_tokens_per_s_offline"
POLARIS = "static batch, e2e latency 4 s; academic (Argonne)"


def _asked(**cells):
    return ask(parse_measurement(record(**cells)), known_names())


@pytest.mark.parametrize(
    ("name", "notes", "read"),
    [
        ("NVIDIA A100", POLARIS, "A100 40GB SXM4"),
        ("NVIDIA A100", "", "A100 80GB SXM4"),
        ("NVIDIA A100 80GB", POLARIS, "A100 80GB SXM4"),
        ("NVIDIA A100-80G", POLARIS, "A100 80GB SXM4"),
        ("NVIDIA H100", POLARIS, "H100 80GB SXM5"),
    ],
)
def test_the_named_machine_says_what_memory_a_bare_name_leaves_out(name, notes, read):
    found = _asked(gpu=name, notes=notes)
    assert isinstance(found, Question)
    assert found.scenario.accelerator.name == read


def test_what_a_name_leaves_open_is_an_assumption():
    bare, whole = _asked(gpu="NVIDIA A100"), _asked(gpu="NVIDIA A100-SXM4-80GB")
    assert "accelerator 'NVIDIA A100' read as A100 80GB SXM4" in bare.scenario.assumptions
    assert not any("read as" in text for text in whole.scenario.assumptions)


def test_cards_of_40_gb_hold_fewer_requests_beside_70b_parameters():
    """138 GB of weights on four: at 0.97 of it 5 GB are left of 160 beside the runtime, for 5 of 16
    requests, 150 of 320.
    """
    row = {
        "model": "Llama-2-70B", "engine": "vLLM", "gpu": "NVIDIA A100", "gpu_count": "4",
        "tp": "4", "precision_weights": "fp16", "isl": "2048", "osl": "2048",
        "concurrency_or_batch": "16", "metric": "total_tokens_per_s_in_plus_out",
        "kind": "throughput", "unit": "tok/s",
    }  # fmt: skip
    small, large = predict(
        [record(**row, notes=POLARIS), record(**row, notes="static batch")], load_calibration()
    )
    assert isinstance(small, Prediction)
    assert isinstance(large, Prediction)
    assert small.value < 0.8 * large.value


def test_a_dual_board_is_two_chips():
    found = _asked(gpu="Intel Arc Pro B60 Dual 48G Turbo", gpu_count="4", model="Llama-3.1-8B")
    assert isinstance(found, Question)
    assert found.scenario.accelerators == 8
    assert any("read as Arc Pro B60, 8 of them" in text for text in found.scenario.assumptions)


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        ({"isl": "", "osl": "", "concurrency_or_batch": ""}, True),
        ({"isl": "512", "osl": "512", "concurrency_or_batch": ""}, False),
        ({"isl": "", "osl": "", "concurrency_or_batch": "8"}, False),
        ({"isl": "", "osl": "", "concurrency_or_batch": "", "metric": OFFLINE}, False),
    ],
)
def test_a_rate_of_nobody_knows_what_is_refused(cells, refused):
    """25 tokens per second of 405B on 16 Trainium2 are one request's, or few; offline is 1,700."""
    row = {"kind": "throughput", "metric": "output_tokens_per_s", "unit": "tok/s"} | cells
    assert isinstance(_asked(**row), Refused) is refused
