"""Is this installation sound? Python, packages, solvers, simulator, catalogue."""
