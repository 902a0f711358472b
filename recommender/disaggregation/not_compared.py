"""The flag that asks for pools, and what a plan takes for granted where nobody did."""

from recommender.plan import Assumption

FLAG = "--disaggregate"
NOT_COMPARED = Assumption(
    "replicas", "compute prompts and tokens; pools apart were not compared", f"{FLAG} auto"
)
