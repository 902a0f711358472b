"""Which nodes to buy: the question, the book of rates, and lazy refinement of the optimum.

before        study_of (what is computed first) -> study; trust, load_simulator
question      question_of <- offer_facts -> question; day (its periods)
rates         rates (bounds first, then simulated); quieter_periods (what a day of bursts adds)
what is sold  groups_on_offer <- node_limits, good_enough, group_attributes
the loop      decider -> solved -> decision; single (`--single`) <- groups_needed; each_model
out of time   cut_short, closed_forms, few_groups (a plan of a few kinds first)
outside       latency_objective, quality_objective <- limited_goals: levels that no row minimises
of a plan     purchase_value
"""
