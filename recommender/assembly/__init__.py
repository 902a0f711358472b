"""From a decision to a plan: deployments, shares, latency, cost and power.

tie_break     of plans that are equal the fastest <- carried_p99
assemble      uses (replicas of a kind on an offer) -> deployment <- latency_at -> nodes, degraded
              -> totals <- emissions, mean_quality
day           each period assembled, and what holds for the whole
stated_law    the step law back from a deployment, for replays
"""
