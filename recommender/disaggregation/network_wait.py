r"""Wait for a network that sends one cache after the other: M/G/1, from the lengths themselves.

    W = X_1 + ... + X_N          P(N = n) = (1 - rho) rho^n         (Pollaczek-Khinchine, Benes)
    P(X <= x) = E[min(I, x)] / E[I]                             the rest of a transfer under way
    P(W = k h) = rho sum_j P(X = j h) P(W = (k - j) h),   P(W = 0) = 1 - rho     (Panjer 1981)

Symbol  Meaning                                                                     Unit
I       prompt that is sent; its time is proportional to it                          tokens
rho     share of the time that the network is busy                                   1
h       step of the lattice: X is rounded up to it, so no percentile is too small    tokens

An exponential tail with the mean of W is exact for exponential sizes only: at lognormal ones of
sigma 1 to 1.4 the percentile is 1.3 to 2.2 times as far out.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LATTICE = 1024
"""Steps of the lattice; the percentile at the busiest network lies in its upper half."""


def wait_percentiles(tokens: Floats, busy: Floats, *, tail: float) -> Floats:
    """Wait at the percentile 1 - tail for each rho of `busy` (rising, < 1), its shape [tokens]."""
    span = 4.0 * float(tokens.mean())
    while _below(tokens, busy[-1:], span)[0, -1] < 1.0 - tail:
        span *= 2.0
    reached = _below(tokens, busy, span) >= 1.0 - tail - 1e-12
    return np.asarray(reached.argmax(axis=1) * (span / LATTICE))


def _below(tokens: Floats, busy: Floats, span: float) -> Floats:
    """P(W <= k h) for k = 0..LATTICE and each rho, shape (rho, k)."""
    rest = np.diff(_rest(tokens, np.linspace(0.0, span, LATTICE + 1)), prepend=0.0)
    wait = np.zeros((busy.size, LATTICE + 1))
    wait[:, 0] = 1.0 - busy
    for k in range(1, LATTICE + 1):
        wait[:, k] = busy * (wait[:, :k] @ rest[k:0:-1])
    return np.asarray(wait.cumsum(axis=1))


def _rest(tokens: Floats, at: Floats) -> Floats:
    """P(X <= x) at each x."""
    ordered = np.sort(tokens)
    shorter = np.searchsorted(ordered, at, side="right")
    sums = np.concatenate(([0.0], ordered.cumsum()))
    return np.asarray((sums[shorter] + at * (ordered.size - shorter)) / sums[-1])
