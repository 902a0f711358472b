"""How far the closed form's largest rate is from the simulated one: measured factors.

simulated rate / closed-form rate, over random replicas, workloads and targets, lies below UPPER
in 95 % of settings and above LOWER in 95 % of settings. `largest_rate` multiplies by them: the
upper factor gives the optimistic rate that lazy refinement starts from, the lower one the rate of
`--fast`. The simulated rate is the one whose upper confidence limits meet the targets, so that a
perfect formula would have factors a little below 1.

Measured by `benchmarks/queueing_accuracy.py --settings 300` (seed 20261121, 300 settings per
group). Replicas of one attention rank are told apart from those whose ranks step together.
"""

CENTRAL = 1.0

ONE_RANK_UPPER = 1.06
ONE_RANK_LOWER = 0.62
ONE_RANK_MEDIAN = 0.91

SEVERAL_RANKS_UPPER = 1.19
SEVERAL_RANKS_LOWER = 0.50
SEVERAL_RANKS_MEDIAN = 0.97
