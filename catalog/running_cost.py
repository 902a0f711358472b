"""What an hour of an own node costs, where no price is paid for it.

    c = P / 1000 * u * e + a

symbol  kind       meaning                                                      unit
c       result     price of the node per hour                                   currency/h
P       parameter  draw: typical power where it is known, else the nameplate    W
u       parameter  power usage effectiveness (PUE) of the site                  ratio, >= 1
e       parameter  price of electricity                                         currency/kWh
a       parameter  amortisation: purchase price / (years * 8,760 h)             currency/h
"""

PUE_FACT = "PUE, world average of the largest sites 2024"
"""The fact that stands in for a site whose PUE is not stated."""
W_PER_KW = 1000.0


def running_cost_per_h(
    *, power_w: float, pue: float, electricity_per_kwh: float, amortisation_per_h: float = 0.0
) -> float:
    """Hourly cost of a node that draws `power_w` [currency/h]."""
    return power_w / W_PER_KW * pue * electricity_per_kwh + amortisation_per_h
