"""The spec: what a user asks for. Field names are the flag names with `_` for `-`.

Validated once, at the edge; the engine sees the resolved `Request` (recommender/request.py).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.functional_serializers import PlainSerializer

from recommender import quantity


def _written(unit: str, factor: float) -> PlainSerializer:
    """Written again with its unit, so that a saved spec reads back."""
    return PlainSerializer(lambda value: f"{value * factor:.12g}{unit}", return_type=str)


def _shown(*examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": list(examples)})


def _names(value: object) -> object:
    """A list of names, also written `H100,H200`."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


Duration = Annotated[
    float, BeforeValidator(quantity.duration_s), _written("ms", 1e3), _shown("200ms", "1.5s")
]
Power = Annotated[float, BeforeValidator(quantity.power_w), _written("kW", 1e-3), _shown("1.5MW")]
Rate = Annotated[
    float, BeforeValidator(quantity.requests_per_s), _written("qps", 1), _shown("2000", "2kqps")
]
Tokens = Annotated[float, BeforeValidator(quantity.tokens), _written("", 1), _shown("1024", "8k")]
Bandwidth = Annotated[
    float,
    BeforeValidator(quantity.bandwidth_bytes_per_s),
    _written("GB/s", 1e-9),
    _shown("600GB/s"),
]
Share = Annotated[float, BeforeValidator(quantity.fraction), _written("%", 100), _shown("20%")]
Money = Annotated[
    float,
    BeforeValidator(quantity.usd_per_h),
    PlainSerializer(lambda value: f"${value:.12g}/h", return_type=str),
    _shown("$500/h", "$2M/yr"),
]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]

Redundancy = Literal["none", "n+1", "n+2", "n+3"]
Objective = Literal["cost", "latency", "power", "accelerators"]


class Spec(BaseModel):
    """One service to be served, under limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="Name, alias or size: 236b, deepseek-v2, ./config.json.")
    qps: Rate = Field(description="Requests per second in the peak window.")
    p99: Duration | None = Field(
        None, description="Time to first token at the 99th percentile, with TPOT p99 <= 50 ms."
    )
    ttft_p99: Duration | None = Field(None, description="Time to first token, p99, at the server.")
    tpot_p99: Duration | None = Field(None, description="Mean time per output token, p99.")
    itl_p99: Duration | None = Field(None, description="Gap between tokens, p99 over all gaps.")
    e2e_p99: Duration | None = Field(None, description="Arrival to last token, p99.")

    workload: str = Field("chat", description="Preset of token lengths and burstiness.")
    trace: str | None = Field(None, description="File of requests to take the lengths from.")
    isl: Tokens | None = Field(None, description="Mean prompt length; the preset's shape is kept.")
    osl: Tokens | None = Field(None, description="Mean output length; the shape is kept.")
    burstiness: float | None = Field(
        None, gt=0, le=20, description="Coefficient of variation of inter-arrival times."
    )

    minimize: Objective = Field("cost", description="What the plan minimises.")
    budget: Money | None = Field(None, description="Most to spend, per hour, month or year.")
    power: Power | None = Field(None, description="Most nameplate power.")
    max_accelerators: int | None = Field(None, ge=1, description="Most accelerators.")
    max_nodes: int | None = Field(None, ge=1, description="Most nodes.")
    max_types: int | None = Field(None, ge=1, description="Most accelerator types in the plan.")
    redundancy: Redundancy = Field("n+1", description="Node losses that the plan survives.")
    headroom: Share = Field(0.2, description="Burst headroom on demand, all nodes up.")
    confidence: Share = Field(0.8, description="Confidence that step times are not slower.")
    max_quality_loss: Share = Field(0.01, description="Most quality lost to quantisation.")

    gpu: Names = Field((), description="Names, aliases or families; !NAME leaves one out.")
    provider: Names = Field((), description="Only these providers.")
    region: Names = Field((), description="Only these regions.")
    offers: Literal["default", "all"] = Field("default", description="Which offers to consider.")
    terms: Names = Field(("on_demand",), description="on_demand, spot, reserved_1yr, ...")
    min_bandwidth: Bandwidth | None = Field(None, description="Least memory bandwidth.")
    precision: Names = Field((), description="Weight precisions; default is native, fp8, int8.")
    kv_precision: Names = Field((), description="KV-cache precisions; default is bf16.")
    engine: str = Field("vllm", description="Serving engine.")
    catalog: Names = Field((), description="Overlay files or folders, later ones win.")

    single: bool = Field(False, description="One deployment only (no mixing).")
    solver: str | None = Field(None, description="Solver to use; default picks and proves.")
    time_limit: Duration = Field(60.0, description="Time limit of the solver.")
    prove: bool = Field(False, description="Exit 4 unless two methods agree on the optimum.")
    fast: bool = Field(False, description="Closed forms with their safe factor, no simulation.")

    @model_validator(mode="after")
    def _consistent(self) -> "Spec":
        targets = (self.ttft_p99, self.tpot_p99, self.itl_p99, self.e2e_p99)
        if self.p99 is not None and self.ttft_p99 is not None:
            raise ValueError("p99 means ttft_p99: give one of the two")
        if self.p99 is None and all(target is None for target in targets):
            raise ValueError(
                "no latency target: give --p99 200ms (time to first token), --e2e-p99 ..."
            )
        if self.minimize == "latency" and not (self.budget or self.power or self.max_accelerators):
            raise ValueError("--minimize latency needs --budget, --power or --max-accelerators")
        if not 0.5 <= self.confidence <= 0.995:
            raise ValueError(f"confidence {self.confidence:.1%} must lie between 50% and 99.5%")
        if not 0.001 <= self.qps <= 1e7:
            raise ValueError(f"qps {self.qps:g} must lie between 0.001 and 10,000,000")
        for name in ("p99", "ttft_p99", "tpot_p99", "itl_p99", "e2e_p99"):
            limit = getattr(self, name)
            if limit is not None and not 1e-3 <= limit <= 86_400:
                raise ValueError(f"{name} {limit:g}s must lie between 1ms and 24h")
        for name in ("isl", "osl"):
            mean = getattr(self, name)
            if mean is not None and not 1 <= mean <= 2e6:
                raise ValueError(f"{name} {mean:g} must lie between 1 and 2,000,000 tokens")
        return self

    @property
    def failures(self) -> int:
        """Nodes that may be lost, k of N+k."""
        return {"none": 0, "n+1": 1, "n+2": 2, "n+3": 3}[self.redundancy]
