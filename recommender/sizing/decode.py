"""Which experts a step reads, and the load of the busiest expert-parallel rank.

    distinct experts      D(T)   = E * (1 - (1 - k/E)^T)              uniform routing
    of the hottest rank   D_r    = min(E/r, D/r + sqrt(2 ln(r) * (E/r) * p * (1-p))),  p = D/E
    tokens of that rank   T_r    = T*k/r + sqrt(2 ln(r) * T*k/r * (1 - 1/r))

Symbol  Meaning                                                            Unit
E, k    routed experts of a layer; experts per token                       count
T       tokens of the step                                                 tokens
r       expert-parallel ranks; each holds E/r experts                      count
p       probability that an expert is used in the step                     1

A step reads all dense weights, and only the experts that some token chose. Real routing is skewed,
which lowers D and raises the hottest load; the maximum over ranks is the mean plus sqrt(2 ln r)
standard deviations (extreme value of r Gaussians).
"""

import numpy as np

from recommender.sizing.number import Number


def distinct_experts(*, experts: Number, experts_per_token: Number, tokens: Number) -> Number:
    """Experts of one layer that at least one of these tokens uses, in the mean [count]."""
    untouched = np.exp(tokens * np.log1p(-experts_per_token / experts))
    return experts * (1.0 - untouched)


def hottest_rank_experts(*, experts: Number, used_experts: Number, ranks: Number) -> Number:
    """Used experts on the busiest of `ranks` expert-parallel ranks [count]."""
    used_share = used_experts / experts
    deviation = np.sqrt(2 * np.log(ranks) * (experts / ranks) * used_share * (1 - used_share))
    return np.minimum(used_experts / ranks + deviation, experts / ranks)


def hottest_rank_tokens(*, tokens: Number, experts_per_token: Number, ranks: Number) -> Number:
    """Token-expert pairs on the busiest of `ranks` expert-parallel ranks [count]."""
    mean = tokens * experts_per_token / ranks
    return mean + np.sqrt(2 * np.log(ranks) * mean * (1 - 1 / ranks))
