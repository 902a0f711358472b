"""Layer 2: worked problems, one folder per kind, each with its statement and known optima."""
