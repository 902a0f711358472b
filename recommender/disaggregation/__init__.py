"""Disaggregated serving: a pool of replicas computes prompts, another one produces the tokens.

After DistServe (Zhong et al. 2024, arXiv:2401.09670) and Splitwise (Patel et al. 2024,
arXiv:2311.18677): prompts need arithmetic, tokens need memory bandwidth, and a prompt in the same
engine delays the tokens of others. Apart, each gets the accelerator, layout and count of its own.
"""
