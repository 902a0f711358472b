"""What a replica sees of a fleet's arrivals, by routing: bounds on its latency.

R equal replicas get requests at rate lambda/R each. The arrivals of one of them have

    random              cv^2 = 1 + (c^2 - 1)/R       every one kept with probability 1/R (Cox 1962)
    round robin         cv^2 = c^2/R                 every R-th one: sums of R gaps (Erlang-R)

so that a G/G/1 wait in heavy traffic falls by (cv^2 + c_s^2)/(1 + c_s^2) (Kingman 1962). Joining
the replica with the fewest requests is no renewal process, and lies between two queues:

    not slower than round robin      it sends each request where least waits (Winston 1977 for
                                     exponential services; heavy-tailed ones are no theorem)
    not faster than one queue        of R servers, which never leaves one idle (Erlang-C, with
                                     Allen and Cunneen 1978 for other services):
                                     P_w = C(R, rho),  W = P_w*s/(R*(1-rho)) * (c^2 + c_s^2)/2

Random routing is what plans are sized with: it needs no state, serves replicas of several kinds by
weight, and a replica's largest rate then depends on nothing but its own law. With the others it
grows with R, and with it the columns of the program.

Symbol   Meaning                                                                   Unit
c, c_s   coefficients of variation of all gaps, and of service                     -
s, rho   mean service time; load of a server                                       s, -
"""

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import Number, StepLaw
from recommender.queueing.latency import target_s
from recommender.queueing.policy import Routing
from recommender.slo import Target
from recommender.stream import Stream
from recommender.workload import Workload


def replica_burstiness(burstiness: float, replicas: int, routing: Routing) -> float:
    """Coefficient of variation of the gaps at one of `replicas`; of round robin for the fewest."""
    if replicas < 1:
        raise ValueError(f"at least one replica is needed, not {replicas}")
    if routing == "random":
        return float(Stream(burstiness, replicas).burstiness_at(np.asarray(1.0)))
    return float(burstiness / replicas**0.5)


def routed_s(
    law: StepLaw,
    workload: Workload,
    target: Target,
    requests_per_s: Number,
    *,
    replicas: int,
    routing: Routing,
) -> npt.NDArray[np.float64]:
    """The percentile that a target asks about [s], shape (n,), of a fleet of equal replicas.

    `requests_per_s` is that of the fleet. For `least_outstanding` it is the bound from above.
    """
    seen = replica_burstiness(workload.burstiness, replicas, routing)
    of_replica = Workload(workload.name, 0.0, workload.lengths, burstiness=seen)
    return target_s(law, of_replica, target, np.asarray(requests_per_s) / replicas)


def one_queue_wait_s(
    service_s: float, requests_per_s: float, *, servers: int, variability: float = 1.0
) -> float:
    """Mean wait in one queue of several servers: no routing of equal servers waits less.

    `variability` is (c^2 + c_s^2)/2, 1 for M/M/R; infinite at the capacity.
    """
    offered = requests_per_s * service_s
    if offered >= servers:
        return float("inf")
    blocked = 1.0  # Erlang-B by its recursion, then Erlang-C
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    load = offered / servers
    waiting = blocked / (1.0 - load * (1.0 - blocked))
    return waiting * service_s / (servers * (1.0 - load)) * variability
