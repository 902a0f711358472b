"""From a step law to percentiles and the largest rate within an SLO: closed forms and a simulator.

closed forms   laws, moments, nodes (lengths) -> capacity -> steady_state <- prompt_wait, clumping,
               lockstep, draft_gains -> percentiles <- tails
               -> latency (percentile at a rate), missed (shares late) -> largest_rate
simulator      arrivals <- shared_gaps; prefixes, policy, state -> kernel (compiled: admission,
               heap, gaps, prefix_cache, quiet_steps) -> simulator -> simulated (percentiles with
               confidence)
               over_profile (a trace's rates), tandem (two pools) <- received
both           rate_factors (how far apart they are), verdict (what one run says),
               run_length (requests that a rate needs) -> simulated_rate
further        chunk_budget (token budget for short gaps); routing and prefill_first: engines
               and fleets that plans do not assume (docs/decisions.md, 29)
"""
