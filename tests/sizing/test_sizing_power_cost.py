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
    def share(read, compute):
        return power.working_power_w(tdp_w=1, read_utilisation=read, compute_utilisation=compute)

    assert share(0, 0) == pytest.approx(0.41)
    assert share(10, 10) == pytest.approx(0.92)
    # half the bandwidth, 1 % of the arithmetic: 1.1*0.5 + 16*0.01 = 0.71; 1 - e^-0.71 = 0.508
    assert share(0.5, 0.01) == pytest.approx(0.41 + 0.51 * 0.508, abs=1e-3)
    assert share(0.5, 0.05) > share(0.5, 0.01) < share(0.6, 0.01)


def test_energy():
    # 6.5 kW * PUE 1.3 * 8760 h = 74 MWh
    assert power.energy_kwh(power_w=6500, hours=8760, pue=1.3) == pytest.approx(74_022)


def test_cost():
    per_hour = cost.cost_per_hour_usd(nodes=3, usd_per_node_h=20)
    assert per_hour == 60
    assert cost.cost_per_month_usd(usd_per_h=60) == 43_800  # 60 * 730
    # 3600 $/h at 1000 tokens/s = 3.6 M tokens/h: 1000 $ per million
    assert cost.usd_per_million_tokens(usd_per_h=3600, tokens_per_s=1000) == pytest.approx(1000)
