"""Processors: peaks by hand, from cores, clock and operations per cycle, and nothing sells them."""

import pytest

import catalog

CATALOG = catalog.load()
PROCESSORS = [row for row in CATALOG.accelerators.values() if row.form == "CPU"]


@pytest.mark.parametrize(
    ("name", "column", "cores", "ghz", "operations"),
    [
        ("Xeon 8380", "int8_tops", 40, 2.3, 256),  # 2 VPDPBUSD of 64 products and sums: 23.6
        ("Xeon 8380", "fp32_tflops", 40, 2.3, 64),  # 2 FMA of 16: 5.9
        ("8480C", "int8_tops", 56, 2.0, 2048),  # AMX: 229.4
        ("8480+", "bf16_tflops", 56, 2.0, 1024),  # 114.7
        ("8480+", "fp32_tflops", 56, 2.0, 64),  # 7.2
        ("6980P", "int8_tops", 128, 2.0, 2048),  # 524.3
        ("6980P", "bf16_tflops", 128, 2.0, 1024),  # 262.1
        ("EPYC 7763", "fp32_tflops", 64, 2.45, 32),  # 2 FMA of 8: 5.0
        ("EPYC 9654", "int8_tops", 96, 2.4, 128),  # 1 VPDPBUSD of 64: 29.5
        ("EPYC 9654", "bf16_tflops", 96, 2.4, 64),  # 1 VDPBF16PS of 32: 14.7
        ("EPYC 9654", "fp32_tflops", 96, 2.4, 32),  # 7.4
        ("EPYC 9965", "int8_tops", 192, 2.25, 256),  # 110.6
        ("EPYC 9965", "bf16_tflops", 192, 2.25, 128),  # 55.3
        ("EPYC 9965", "fp32_tflops", 192, 2.25, 64),  # 27.6
        ("Grace", "int8_tops", 72, 3.0, 256),  # 4 SMMLA of 32: 55.3
        ("Grace", "bf16_tflops", 72, 3.0, 128),  # 4 BFMMLA of 16: 27.6
        ("Grace", "fp32_tflops", 72, 3.0, 32),  # 4 FMLA of 4: 6.9
    ],
)
def test_peaks_are_cores_times_clock_times_operations(name, column, cores, ghz, operations):
    """Rounded to a tenth of a TFLOPS."""
    (row,) = (CATALOG.accelerators[found] for found in CATALOG.accelerator_names(name))
    assert getattr(row, column) == pytest.approx(cores * ghz * operations / 1e3, abs=0.051)
    assert f"{cores} cores x {ghz:g}" in row.note.replace("2.0 GHz", "2 GHz").replace("3.0", "3")


def test_sixteen_bits_only_where_there_are_instructions_for_them():
    without = {row.name.split(" (")[0] for row in PROCESSORS if row.bf16_tflops is None}
    assert without == {"Xeon Platinum 8380", "EPYC 7763"}
    assert all(row.fp32_tflops for row in PROCESSORS)


def test_derived_peaks_are_marked_and_say_the_clock():
    for row in PROCESSORS:
        assert row.verification == "derived", row.name
        assert "derived" in row.note and "GHz" in row.note, row.name


def test_a_row_is_one_socket_and_no_offer_sells_it():
    """They are predicted; a plan buys one only from an overlay."""
    assert all(row.name.endswith("(1 socket)") for row in PROCESSORS)
    sold = {offer.accelerator for offer in CATALOG.offers.values()}
    assert not sold & {row.name for row in PROCESSORS}


def test_grace_has_the_bandwidth_of_its_memory():
    """The Superchip has 1,024 GB/s with up to 480 GB and 768 GB/s with 960: half of it each."""
    (name,) = CATALOG.accelerator_names("Grace CPU (1)")
    row = CATALOG.accelerators[name]
    assert (row.memory_gb, row.memory_bandwidth_gb_per_s) == (480 / 2, 1024 / 2)
