"""Loading the simulator: it is compiled once per environment, which is no part of a decision."""

from time import perf_counter

from recommender.clock import Clock


def load_simulator(clock: Clock) -> float:
    """Load it, or compile it, under a phase that says so; what that took [s]."""
    from recommender.queueing import simulator

    start = perf_counter()
    if not simulator.is_compiled():
        with clock.phase("loading the simulator (compiled once per environment)"):
            simulator.warm_up()
    return perf_counter() - start
