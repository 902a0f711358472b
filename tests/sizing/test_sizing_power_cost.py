"""Power and cost: hand sums and published nodes."""

import pytest

from recommender.sizing import cost, power


def test_idle_and_full_accelerator():
    idle = power.accelerator_power_w(tdp_w=700, prefill_utilisation=0, decode_utilisation=0)
    assert idle == pytest.approx(84)  # 0.12 * 700
    prefill = power.accelerator_power_w(tdp_w=700, prefill_utilisation=1, decode_utilisation=0)
    assert prefill == pytest.approx(630)
    mixed = power.accelerator_power_w(tdp_w=1000, prefill_utilisation=0.25, decode_utilisation=0.5)
    assert mixed == pytest.approx(0.25 * 120 + 0.25 * 900 + 0.5 * 600)


def test_idle_hgx_h100_draws_2_3_kw():
    accelerators = 8 * power.accelerator_power_w(
        tdp_w=700, prefill_utilisation=0, decode_utilisation=0
    )
    node = power.node_power_w(
        accelerators_w=accelerators, host_w=power.host_power_w(accelerators=8, utilisation=0)
    )
    assert node == pytest.approx((672 + 1500) * 1.08)
    assert node / 1000 == pytest.approx(2.3, abs=0.1)


def test_full_prefill_hgx_h100_draws_8_1_kw():
    accelerators = 8 * power.accelerator_power_w(
        tdp_w=700, prefill_utilisation=1, decode_utilisation=0
    )
    node = power.node_power_w(
        accelerators_w=accelerators, host_w=power.host_power_w(accelerators=8, utilisation=1)
    )
    assert node / 1000 == pytest.approx(8.1, abs=0.4)


def test_power_from_work():
    def watts(read, flop, bits=16):
        return power.working_power_w(
            tdp_w=700, read_bytes_per_s=read, flop_per_s=flop, compute_bits=bits
        )

    assert watts(0, 0) == pytest.approx(0.17 * 700)
    assert watts(1e15, 1e18) == pytest.approx(0.95 * 700)
    # 2 TB/s * 300 pJ = 600 W, 50 Tflop/s * 6.4 pJ = 320 W: 920/700 = 1.314; 1 - e^-1.314 = 0.7313
    assert watts(2e12, 5e13) == pytest.approx(700 * (0.17 + 0.78 * 0.7313), rel=1e-4)
    assert watts(2e12, 5e13, bits=8) == pytest.approx(watts(2e12, 2.5e13))
    assert watts(2e12, 6e13) > watts(2e12, 5e13) > watts(1e12, 5e13)


def test_reading_takes_a_larger_part_of_the_power_where_memory_is_faster():
    h100 = power.working_power_w(tdp_w=700, read_bytes_per_s=0.6 * 3.35e12, flop_per_s=0) / 700
    b200 = power.working_power_w(tdp_w=1000, read_bytes_per_s=0.6 * 8e12, flop_per_s=0) / 1000
    assert h100 == pytest.approx(0.17 + 0.78 * 0.5775, abs=1e-3)  # 603/700 W: 1 - e^-0.8614
    assert b200 == pytest.approx(0.17 + 0.78 * 0.7631, abs=1e-3)  # 1440/1000 W: 1 - e^-1.44


def test_tiles_have_sixteen_rows():
    assert [float(power.tile_rows(rows=rows)) for rows in (1, 16, 40)] == [16, 16, 40]


def test_energy():
    # 6.5 kW * PUE 1.3 * 8760 h = 74 MWh
    assert power.energy_kwh(power_w=6500, hours=8760, pue=1.3) == pytest.approx(74_022)


def test_cost():
    assert cost.cost_per_month_usd(usd_per_h=60) == 43_800  # 60 * 730
    # 3600 $/h at 1000 tokens/s = 3.6 M tokens/h: 1000 $ per million
    assert cost.usd_per_million_tokens(usd_per_h=3600, tokens_per_s=1000) == pytest.approx(1000)
