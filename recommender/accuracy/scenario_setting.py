"""What tells the deployments of one network on one accelerator apart."""

from catalog.calibration import Setting, setting
from recommender.accuracy.scenario import Scenario
from recommender.units import BITS_PER_BYTE


def setting_of(scenario: Scenario) -> Setting:
    """Format and degrees of a scenario."""
    bits = BITS_PER_BYTE * scenario.weights.bytes_per_weight
    return setting(bits, scenario.tp, scenario.pp, scenario.adp, scenario.ep)
