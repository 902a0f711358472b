"""Traces of real requests: reading, repairing, describing, and making workloads of them.

read          read -> stream -> chunks, columns -> rows (one by one) or fast_table (at once)
              -> block -> store (requests in memory); trace
describe      survey (one pass, sums by growing) -> statistics, burstiness; stationarity,
              day_profile
workload      workload_file (what specs read), superpose (another rate; around_peak), trace_rates,
              stretch
"""
