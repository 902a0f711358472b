"""The request of these tests."""

ASKED = ("--model", "8b", "--qps", "20", "--p99", "500ms", "--gpu", "H100,L40S,L4", "--fast")
"""A request that is solved in a fraction of a second."""
PLAIN = ("--model", "8b", "--qps", "20", "--p99", "500ms", "--fast")
"""The same on any accelerator."""
