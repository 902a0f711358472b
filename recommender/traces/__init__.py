"""Traces of real requests: reading, repairing, describing, and making workloads of them."""
