"""From a decision to a plan: deployments, shares, latency, cost and power."""
