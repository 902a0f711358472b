"""How far the closed form's largest rate is from the simulated one: measured factors.

upper   simulated rate <= upper * closed-form rate in 95 % of settings: the optimistic rate that
        lazy refinement starts from
lower   simulated rate >= max(lower * rate for targets of 85 %, plain * closed-form rate) in 95 %
        of settings: the rate of `--fast`. Where the percentile hardly depends on the rate, a small
        error of the percentile is a large one of the rate, and tightened targets allow for that;
        where the targets are near the idle latency, the plain factor loses less

The simulated rate is the one whose upper confidence limits meet the targets, so that a perfect
formula would have factors a little below 1. Measured by `benchmarks/queueing_accuracy.py` (seed
20261121; 200 settings for each number of the first row, 150 of the others): every upper factor,
and the lower ones of the first row. Chosen by hand: the plain factors of the first row, so that
the pair covers 95 % of about 300 settings (the same ones, no hold-out), and the second row's lower
and plain factors, below what was measured for them alone. The benchmark does not measure the
combined bound. Beyond a burstiness of 3 nothing was measured: the upper factor is that of the last
row, and there is no safe lower one.
"""

from dataclasses import dataclass

LOWER_TARGET_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class RateFactors:
    """Factors up to a burstiness, for replicas of one attention rank and of several."""

    most_burstiness: float
    one_rank_upper: float
    one_rank_lower: float
    one_rank_plain: float
    several_ranks_upper: float
    several_ranks_lower: float
    several_ranks_plain: float


MEASURED = (
    RateFactors(1.25, 1.06, 0.80, 0.45, 1.24, 0.65, 0.45),
    RateFactors(1.75, 1.08, 0.45, 0.20, 1.29, 0.60, 0.20),
    RateFactors(3.00, 1.18, 0.00, 0.00, 2.36, 0.04, 0.00),
)
_BEYOND = RateFactors(float("inf"), 1.18, 0.0, 0.0, 2.36, 0.0, 0.0)


def rate_factors(burstiness: float) -> RateFactors:
    """The row for a coefficient of variation of the gaps between arrivals."""
    return next((row for row in MEASURED if burstiness <= row.most_burstiness), _BEYOND)
