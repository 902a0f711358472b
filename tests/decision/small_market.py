"""A small market with known rates: what simulation would find is written down beside the bound."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from catalog.schema import Accelerator, Offer
from recommender.decision.question import Question
from recommender.enumeration.market import Market
from recommender.enumeration.replica_table import ReplicaTable
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.step_law import StepLaw
from recommender.slo import Slo, Target
from recommender.workload import Lengths, Workload

SLO = Slo((Target("ttft", 0.2),))
WORKLOAD = Workload("test", 1.0, Lengths(np.array([10]), np.array([10])))


@dataclass(frozen=True)
class Kind:
    """A replica kind: the machine it runs on, its size, the bound on its rate, the true rate."""

    machine: int
    size: int
    bound: float
    true: float
    loss: float = 0.0


def machine(number, accelerators):
    """A kind of node."""
    row = Accelerator(
        name=f"X{number}",
        vendor="V",
        architecture="A",
        form="SXM",
        memory_gb=80,
        memory_bandwidth_gb_per_s=3000,
        source="test",
    )
    return Hardware(row, accelerators, 50.0)


def offer(number, hardware, usd_per_h, *, stock=None, watts=1000.0, provider="p"):
    """An offer of a kind of node."""
    return Offer(
        name=f"offer{number}",
        provider=provider,
        instance_type=f"i{number}",
        region="r",
        terms="on_demand",
        accelerator=hardware.accelerator.name,
        node_accelerators=hardware.node_accelerators,
        price_per_h=usd_per_h,
        usd_per_h=usd_per_h,
        stock=stock,
        nameplate_power_w=watts,
        nameplate_basis="test",
        source="test",
    )


def table_of(machines, kinds):
    """The replica table; the law's `a` is the position, so that fakes know which kind it is."""
    count = len(kinds)
    ones = np.ones(count)
    law = StepLaw(
        a=np.arange(count, dtype=float), b=ones, g=ones, d=ones, q=ones,
        max_batch=ones, kv_tokens=ones, chunk_tokens=ones,
    )  # fmt: skip
    size = np.asarray([k.size for k in kinds], dtype=np.intp)
    node = np.asarray([machines[k.machine].node_accelerators for k in kinds], dtype=np.intp)
    return ReplicaTable(
        hardware=tuple(machines),
        hardware_index=np.asarray([k.machine for k in kinds], dtype=np.intp),
        layouts=tuple(Layout("bf16", "bf16", tp=k.size) for k in kinds),
        law=law,
        central_law=law,
        weights_bytes=ones,
        kv_bytes=ones,
        overhead_bytes=ones,
        accelerators=size,
        nodes=-(-size // node),
        quality_loss_pct=np.asarray([k.loss for k in kinds]),
        quality_basis=("measured",) * count,
    )


def market_of(machines, offers):
    """The market: offers as (machine, offer)."""
    return Market(tuple(o for _, o in offers), tuple((m,) for m, _ in offers))


def question(**changes):
    """Q = 10 requests/s without margins or limits, unless changed."""
    plain = {
        "demand_per_s": 10.0, "headroom": 0.0, "failures": 0, "budget_usd_per_h": None,
        "power_w": None, "max_accelerators": None, "max_nodes": None, "max_types": None,
        "objective": "cost", "single": False,
    }  # fmt: skip
    return Question(**(plain | changes))


class Simulator:
    """Stands in for the simulation: it knows the true rates and counts what it is asked."""

    def __init__(self, kinds):
        self.true = [kind.true for kind in kinds]
        self.settled: list[int] = []
        self.tried: list[int] = []

    @property
    def runs(self):
        """Searches and single runs so far."""
        return len(self.settled) + len(self.tried)

    def simulated_rate(self, law, workload, slo, *, guess, seed=0, **_):
        """The true rate."""
        self.settled.append(int(law.a))
        return SimpleNamespace(requests_per_s=self.true[int(law.a)])

    def holds(self, law, workload, slo, requests_per_s, **_):
        """Whether a rate is within the true one."""
        self.tried.append(int(law.a))
        return "holds" if requests_per_s <= self.true[int(law.a)] else "breaks"
