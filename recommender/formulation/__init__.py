"""How a question becomes a program, and how it is solved for each theta, period, pool or front.

columns       node_pattern <- node_patterns, spanning_patterns -> priced_patterns
              -> failure_group -> sized_group (integers) -> dominance (what no optimum needs)
one service   single_service (question) -> limits, rack_losses, classes (its rows)
              -> single_service_program, alike (order of equal zones)
              -> spare_search (theta) -> model_search -> solve_single_service <- uncompared
a day         periods -> periods_program <- joined_periods, periods_start_up, periods_arrays,
              periods_passes
              -> by what couples periods: periods_committed; periods_started <- periods_times,
              periods_round, periods_dual; periods_types;
              periods_search <- periods_incumbent -> solve_periods
pools         pools -> solve_pools; over a day pools_over_day -> solve_pools_over_day
fronts        mixed_front <- front_walk <- front_boxes, front_gap; searched_front -> one_place;
              different (k best different plans)
afterwards    binding (rows without room), worst_rack
"""
