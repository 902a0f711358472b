"""How good predictions are: measurement rows to predictions with intervals, scores, refits."""
