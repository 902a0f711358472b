"""How far the closed form's largest rate is from the simulated one: measured factors.

simulated rate / closed-form rate, over random replicas, workloads and targets, lies below UPPER
and above LOWER in 95 % of cases each. `largest_rate` multiplies by them: the upper one gives the
optimistic rate that lazy refinement starts from, the lower one the rate of `--fast`.

PROVISIONAL: not yet measured.
"""

CENTRAL = 1.0
UPPER = 1.5
LOWER = 0.7
MEASURED = False
