"""How a serving engine schedules: what the simulator can vary beside the step law."""

from dataclasses import dataclass
from typing import Literal, get_args

Scheduler = Literal["chunked", "prefill_first"]
KvPolicy = Literal["reserve", "preempt"]
Routing = Literal["random", "round_robin", "least_outstanding"]


@dataclass(frozen=True, slots=True)
class Policy:
    """How the engine schedules.

    Attributes
    ----------
    scheduler
        `chunked`: prompts share steps with decodes (vLLM V1, Sarathi-Serve); `prefill_first`:
        decodes stop while prompts are computed.
    kv
        `reserve`: a prompt waits until its whole length is free; `preempt`: KV is taken as needed,
        and the youngest sequence is computed again when it runs out (vLLM).
    routing
        Which rank of a replica a request goes to.
    lockstep
        False lets the ranks step on their own: independent queues.
    """

    scheduler: Scheduler = "chunked"
    kv: KvPolicy = "reserve"
    routing: Routing = "random"
    lockstep: bool = True

    def __post_init__(self) -> None:
        choices = {"scheduler": Scheduler, "kv": KvPolicy, "routing": Routing}
        for name, kind in choices.items():
            if getattr(self, name) not in get_args(kind):
                raise ValueError(
                    f"unknown {name} {getattr(self, name)!r}; known: {', '.join(get_args(kind))}"
                )
        if not self.lockstep and self.routing == "least_outstanding":
            raise ValueError("least_outstanding routing is simulated for ranks in lockstep only")


VLLM = Policy()
