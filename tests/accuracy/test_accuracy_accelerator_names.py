"""Accelerator names that are not one whole accelerator, and those that are written otherwise."""

import pytest
from measurement_rows import row

from recommender.accuracy.accelerator_count import counted
from recommender.accuracy.accelerator_names import refused_name
from recommender.accuracy.known_names import known_names
from recommender.accuracy.measurement import parse_measurement
from recommender.accuracy.question import Question, ask
from recommender.accuracy.scenario import Refused

KNOWN = known_names().accelerators.values()


def asked(**changes):
    return ask(parse_measurement({k: str(v) for k, v in row(**changes).items()}), known_names())


@pytest.mark.parametrize(
    "name",
    [
        "H100 1g.10gb", "A100 MIG 3g.20gb", "nvidia-a100-1g-5gb", "NVIDIA A100-8C", "L40S-24Q",
        "H100 vGPU", "MI300X CPX", "1/2 A100", "0.5 H100",
    ],
)  # fmt: skip
def test_slices_are_no_whole_accelerators(name):
    """`H100 1g.10gb` had been a whole H100, of seven times the compute."""
    assert "is a slice of one" in refused_name(name, KNOWN)
    assert "is a slice of one" in asked(gpu=name).reason


@pytest.mark.parametrize(
    "name",
    [
        "a2-highgpu-8g", "a3-megagpu-8g", "g2-standard-48", "p5.48xlarge", "inf2.48xlarge",
        "Standard_ND96isr_H100_v5", "ND96isr_H100_v5", "NC24ads_A100_v4", "ND H100 v5",
        "BM.GPU.H100.8", "gpu_8x_h100_sxm5",
    ],
)  # fmt: skip
def test_cloud_instances_are_no_accelerators(name):
    """`a2-highgpu-8g` holds A100, and had been read as A2."""
    assert "is a cloud instance" in asked(gpu=name).reason


@pytest.mark.parametrize(
    "name",
    [
        "H100 and A100", "H100/A100", "H100 + L4", "L40S/L40", "RTX 4090 / RTX 3090 Ti",
        "A100 40GB/80GB", "MI300X (x32), MI325X (x16)", "8x H100 + 4x A100",
    ],
)  # fmt: skip
def test_mixtures_are_no_one_accelerator(name):
    assert "is a mixture of several" in asked(gpu=name).reason


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("A100 20GB", "with 40 GB or 80 GB only"), ("RTX 4090 48GB", "with 24 GB only"),
        ("H20-3e 141GB", "with 96 GB only"), ("8xH100 640GB", "with 64 GB or 80 GB or 94 GB"),
        ("Apple M3 Max 256GB", "with 128 GB only"), ("MI325X 288GB", "with 256 GB only"),
        ("RTX 6000 Ada 24GB", "with 48 GB only"),
    ],
)  # fmt: skip
def test_a_memory_that_no_row_has_is_refused(name, held):
    """`A100 20GB` had been an A100 of 80 GB; a Quadro RTX 6000 of 24 GB is no Ada."""
    assert held in asked(gpu=name, gpu_count="" if name[0] == "8" else 8).reason


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RTX4090", "RTX 4090"), ("rtx-4090", "RTX 4090"), ("RTX3090Ti", "RTX 3090 Ti"),
        ("7900XTX", "RX 7900 XTX"), ("h100sxm5", "H100 80GB SXM5"), ("H100NVL", "H100 NVL 94GB"),
        ("A100SXM480GB", "A100 80GB SXM4"), ("A100SXM40GB", "A100 40GB SXM4"),
        ("A100 40 GB", "A100 40GB SXM4"), ("A100-40G", "A100 40GB SXM4"),
        ("H100 PCIe 94GB", "H100 NVL 94GB"), ("NVIDIA GH200 480GB", "GH200 96GB"),
        ("B200 192GB", "B200 180GB SXM"), ("A10G 22GB", "A10G"), ("M2 Max 32GB", "Apple M2 Max"),
        ("Gaudi 3", "Gaudi3"), ("MI325", "MI325X"), ("AMD Instinct MI355", "MI355X"),
        ("v5e", "TPU v5e"), ("Google TPUv5e", "TPU v5e"), ("trn1", "Trainium1"),
        ("Trn2", "Trainium2"), ("Trainium 2", "Trainium2"), ("NVIDIA A16", "A16 (per GPU, 4"),
        ("H100-SXM5-80GB, Xeon 8480C", "H100 80GB SXM5"), ("RTX 4070 Ti SUPER", "RTX 4070 Ti S"),
    ],
)  # fmt: skip
def test_names_that_mean_one_row(name, meant):
    found = known_names().accelerator(name)
    assert found is not None and found.name.startswith(meant), refused_name(name, KNOWN)


def test_two_chips_of_one_number_leave_open_which_is_meant():
    """`MI300` is MI300X or MI300A; `MI325` is only one."""
    assert known_names().accelerator("MI300") is None
    assert "did you mean MI300A or MI300X" in known_names().unknown("accelerator", "MI300")


def test_every_row_and_alias_finds_itself():
    """A100-40 had been an A100 of 80 GB, and `trn2` none."""
    rows = [(name, row) for row in KNOWN for name in (row.name, *row.aliases) if name]
    assert [name for name, row in rows if known_names().accelerator(name) is not row] == []


@pytest.mark.parametrize(
    ("name", "rest", "count"),
    [
        ("8xH100", "H100", 8), ("8 x H100", "H100", 8), ("H100 x8", "H100", 8),
        ("A100:8", "A100", 8), ("A100-80GB:4", "A100-80GB", 4),
        ("4x RTX 4090", "RTX 4090", 4), ("H100 (x8)", "H100", 8), ("16 A100", "A100", 16),
        ("HGX H100 8-GPU", "HGX H100", 8), ("1024 x H100", "H100", 1024), ("H100x8", "H100", 8),
        ("7900XTX", "7900XTX", None), ("RX 7900 XTX", "RX 7900 XTX", None),
        ("M1 Ultra (48 GPU Core) 64GB", "M1 Ultra (48 GPU Core) 64GB", None),
        ("4070 Ti", "4070 Ti", None), ("80 GB H100", "80 GB H100", None),
        ("0xH100", "0xH100", None), ("Imaginary X1", "Imaginary X1", None),
    ],
)  # fmt: skip
def test_counts_in_names(name, rest, count):
    assert counted(name) == (rest, count)


def test_no_row_of_the_catalogue_has_a_count():
    names = [name for row in KNOWN for name in (row.name, *row.aliases)]
    assert [name for name in names if counted(name)[1] is not None] == []


@pytest.mark.parametrize(
    ("stated", "accelerators"),
    [({"gpu_count": ""}, 8), ({"gpu_count": 8}, 8), ({"gpu_count": 16, "nodes": 2}, 16)],
)
def test_a_count_in_the_name_is_that_of_the_row(stated, accelerators):
    question = asked(gpu="8xH100", tp=8, **stated)
    assert isinstance(question, Question)
    assert question.scenario.accelerators == accelerators
    assert any("'8xH100' read as H100 80GB SXM5" in one for one in question.scenario.assumptions)


@pytest.mark.parametrize(
    "stated", [{"gpu_count": 4}, {"gpu_count": "", "nodes": 2}, {"gpu_count": 8, "nodes": 4}]
)
def test_a_count_that_is_not_the_rows_is_refused(stated):
    """The last agrees: eight on four nodes, as the row says twice."""
    answer = asked(gpu="8 x H100", tp=4, **stated)
    agrees = stated["gpu_count"] == 8
    assert isinstance(answer, Question if agrees else Refused)
    assert agrees or "counts 8, which is not what gpu_count says" in answer.reason
