"""The step law of one of m engine instances that share the time of an accelerator.

    a' = h + m (a - h)        b', g', d', q' = m b, m g, m d, m q        energies likewise: m e

Symbol      Meaning                                                        Unit
a, b, g,    law of one instance alone on the accelerator, with the memory  s, s/token, ...
d, q        that its share leaves it
h           part of a step that runs on the host: not shared               s
m           instances on the accelerator                                   count

This is the safe side: every step waits for a step of each other instance, as if all of them were
always busy, and nothing overlaps but the host part. Launches of kernels count as device time.

Energies are per accelerator, and the power of an instance is its part of the accelerator's: so they
count the work of all m, of MIG slices too, whose times are their own (`sliced`).
"""

from dataclasses import replace

import numpy as np

from recommender.performance.step_law import Number, StepLaw


def sliced(law: StepLaw, *, instances: Number) -> StepLaw:
    """The law of each of m MIG slices: its times are its own, its energies those of all m."""
    return replace(
        law,
        step_j=law.step_j * instances,
        sequence_j=law.sequence_j * instances,
        prompt_j=law.prompt_j * instances,
    )


def time_shared(law: StepLaw, *, instances: Number, host_s: Number) -> StepLaw:
    """The law of each instance."""
    host = np.minimum(host_s, law.a)
    return replace(
        law,
        a=host + instances * (law.a - host),
        b=law.b * instances,
        g=law.g * instances,
        d=law.d * instances,
        q=law.q * instances,
        step_j=law.step_j * instances,
        sequence_j=law.sequence_j * instances,
        prompt_j=law.prompt_j * instances,
    )
