"""Why this plan: margins and their price, what binds, runners-up, repairs, warnings.

a plan       plan_of (bare) <- funnel; fast_warnings; warnings <- latency_warnings, burst_warnings,
             quality_warnings, checkpoint_warnings, terms_warnings, horizon_warnings; day_warnings
             -> explained: binding <- left_out; day_condition; ledger <- limit_prices, closed_rates;
             options_that_pay; runners_up <- other_models; alternatives
             in_time (what the time suffices for), purchase_text
no plan      no_plan: what_stops <- nearest, by_margin; repairs <- latency_repairs,
             quality_repairs, losses, counted, least_enough; trials (a variant, decided as its
             own command would)
candidates   candidates_table <- sure_rate
"""
