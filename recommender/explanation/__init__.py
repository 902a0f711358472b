"""Why this plan: margins and their price, what binds, runners-up, repairs, warnings."""
