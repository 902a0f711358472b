"""Names of CPUs that a model runs on, and how many sockets they say."""

import pytest
from measurement_rows import row

from catalog.calibration import load_calibration
from recommender.accuracy.accelerator_names import refused_name
from recommender.accuracy.host_names import socket_count
from recommender.accuracy.known_names import known_names
from recommender.accuracy.measurement import parse_measurement
from recommender.accuracy.prediction import Prediction, predict
from recommender.accuracy.question import Question, ask
from recommender.accuracy.scenario import Refused

XEON, GRACE = "Xeon Platinum 8480C/8480+ (1 socket)", "Grace CPU (1 socket)"


def asked(**changes):
    return ask(parse_measurement({k: str(v) for k, v in row(**changes).items()}), known_names())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Xeon Platinum 8480+", XEON), ("Intel Xeon Platinum 8480C", XEON), ("8480+", XEON),
        ("Intel(R) Xeon(R) Platinum 8480+ CPU @ 2.00GHz", XEON), ("Xeon 8480C/8480+", XEON),
        ("Xeon 8480+ (Sapphire Rapids)", XEON), ("Intel® Xeon® 8480+ 1S", XEON),
        ("Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz", "Xeon Platinum 8380 (1 socket)"),
        ("Intel Xeon 6 6980P", "Xeon 6980P (1 socket)"), ("Xeon 6980P", "Xeon 6980P (1 socket)"),
        ("Intel(R) Xeon(R) 6980P CPU @ 2.00GHz", "Xeon 6980P (1 socket)"),
        ("AMD EPYC 9654 96-Core Processor", "EPYC 9654 (1 socket)"),
        ("AMD EPYC™ 9654 (Genoa)", "EPYC 9654 (1 socket)"),
        ("AMD EPYC 7763 64-Core Processor", "EPYC 7763 (1 socket)"),
        ("EPYC-9965", "EPYC 9965 (1 socket)"), ("NVIDIA Grace CPU", GRACE), ("Grace CPU", GRACE),
        ("CPU: INTEL(R) XEON(R) 6980P", "CPU Xeon 6980P"), ("Xeon 6787P", "CPU Xeon 6787P"),
    ],
)  # fmt: skip
def test_names_as_people_and_systems_write_them(name, meant):
    """Of a Xeon 6980P, what MLPerf calls it is the row beside the catalogue, as it was."""
    found = known_names().accelerator(name)
    assert found is not None and found.name == meant


@pytest.mark.parametrize(
    "name",
    [
        "Xeon", "EPYC", "CPU", "Xeon Gold 6430", "EPYC 9654P", "Xeon 9654", "Grace Hopper",
        "Grace Blackwell", "H999 + Xeon 8480+", "EPYC 9654 and EPYC 7763",
        "EPYC 9654, 7763", "Sapphire Rapids", "",
    ],
)  # fmt: skip
def test_names_that_say_more_or_less_are_none(name):
    """A host beside an unknown accelerator is not what the model runs on."""
    assert known_names().accelerator(name) is None


@pytest.mark.parametrize(
    ("name", "meant", "count"),
    [
        ("H100 SXM5 + 2x Xeon 8480C", "H100 80GB SXM5", 1),
        ("8x H100 SXM + dual EPYC 9654", "H100 80GB SXM5", 8),
        ("Dual Xeon 8480C, H100 SXM5", "H100 80GB SXM5", 1),
        ("NVIDIA GH200 Grace Hopper Superchip", "GH200 96GB", 1),
    ],
)
def test_the_host_beside_an_accelerator_counts_for_nothing(name, meant, count):
    found = asked(gpu=name, gpu_count="", model="Llama-3.1-8B", tp=1)
    assert isinstance(found, Question)
    assert (found.scenario.accelerator.name, found.scenario.accelerators) == (meant, count)


@pytest.mark.parametrize(
    ("name", "rest", "sockets"),
    [
        ("2S EPYC 9654", "EPYC 9654", 2), ("EPYC 9654 (2 sockets)", "EPYC 9654", 2),
        ("dual-socket Xeon 8480+", "Xeon 8480+", 2), ("Dual AMD EPYC 9654", "AMD EPYC 9654", 2),
        ("EPYC 9654 2P", "EPYC 9654", 2), ("4-socket Xeon 8480+", "Xeon 8480+", 4),
        ("2x Grace CPU", "Grace CPU", 2), ("NVIDIA Grace CPU Superchip", "NVIDIA Grace CPU", 2),
        ("2S Intel Xeon 6 6980P", "Intel Xeon 6 6980P", 2), ("EPYC 9654", "EPYC 9654", None),
        ("EPYC 9654 (1 socket)", "EPYC 9654 (1 socket)", None), ("Dual H100", "Dual H100", None),
        ("Arc Pro B60 Dual 48G", "Arc Pro B60 Dual 48G", None),
    ],
)  # fmt: skip
def test_sockets_that_a_name_says(name, rest, sockets):
    assert socket_count(name) == (rest, sockets)


@pytest.mark.parametrize(
    ("name", "stated", "sockets", "said"),
    [
        ("EPYC 9654", "", 1, "read as EPYC 9654 (1 socket)"),
        ("9654", "", 1, "read as EPYC 9654 (1 socket)"),
        ("EPYC 9654", 2, 2, "read as EPYC 9654 (1 socket)"),
        ("2S EPYC 9654", "", 2, "read as EPYC 9654 (1 socket), 2 of them"),
        ("2 x AMD EPYC 9654", 2, 2, "read as EPYC 9654 (1 socket)"),
        ("Grace CPU Superchip", "", 2, "read as Grace CPU (1 socket), 2 of them"),
        ("EPYC 9654 (1 socket)", "", 1, ""),
        ("EPYC 9654 1S", "", 1, ""),
    ],
)
def test_one_socket_or_two_is_said(name, stated, sockets, said):
    found = asked(gpu=name, gpu_count=stated, tp="", model="Llama-3.1-8B")
    assert isinstance(found, Question)
    assert found.scenario.accelerators == sockets
    read = [text for text in found.scenario.assumptions if " read as " in text]
    assert [text.removeprefix(f"accelerator {name!r} ") for text in read] == [said] * bool(said)


@pytest.mark.parametrize("stated", [{"gpu_count": 1}, {"gpu_count": "", "nodes": 2}])
def test_sockets_that_are_not_the_rows_are_refused(stated):
    """One of two sockets, or two on two nodes: which, nobody says."""
    answer = asked(gpu="dual-socket EPYC 9654", tp="", **stated)
    assert isinstance(answer, Refused)
    assert "counts 2, which is not what gpu_count says" in answer.reason
    assert refused_name("EPYC 9654", known_names().accelerators.values()) == ""


@pytest.mark.parametrize(
    "name",
    [
        "Xeon Platinum 8380", "Xeon Platinum 8480+", "Xeon 6980P", "EPYC 7763", "EPYC 9654",
        "EPYC 9965", "Grace CPU",
    ],
)  # fmt: skip
@pytest.mark.parametrize("precision", ["bf16", "int8", "q4_k_m"])
def test_processors_are_predicted_as_a_roofline_with_a_wide_interval(name, precision):
    """16 GB of weights at 205 to 614 GB/s are 26 to 78 ms at least."""
    cells = {"precision_weights": precision, "kind": "tpot", "metric": "tpot_mean", "unit": "ms"}
    cells |= {"model": "Llama-3.1-8B", "isl": "512", "osl": "128", "concurrency_or_batch": "1"}
    (found,) = predict([row(gpu=name, gpu_count="1", tp="1", **cells)], load_calibration())
    assert isinstance(found, Prediction)
    assert found.basis == "roofline"
    assert found.high > 3 * found.low
    accelerator = known_names().accelerator(name)
    read = {"bf16": 2.0, "int8": 1.0, "q4_k_m": 0.6}[precision] * 7.5e9
    assert found.value > 1e3 * read / (accelerator.memory_bandwidth_gb_per_s * 1e9)
