"""The spec: what a user asks for. Field names are the flag names with `_` for `-`.

Validated once, at the edge; the engine sees the resolved `Request` (`request.py` beside it).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.functional_serializers import PlainSerializer

from recommender.request.contradictions import contradictions
from recommender.request.goals import Goal, goals_of
from recommender.request.model_choice import (
    ModelChoice,
    model_choices,
    models_text,
    quality_points,
)
from recommender.request.profile import Period, periods_of, profile_text
from recommender.request.ranges import out_of_range
from recommender.request.slo_problems import slo_problems
from recommender.request.spec_values import (
    ANY_CASE,
    Bandwidth,
    Count,
    Days,
    Duration,
    Emission,
    Horizon,
    Money,
    Names,
    Number,
    Power,
    Racks,
    Rate,
    Share,
    Speculative,
    StartUp,
    Tokens,
    classes,
    shown,
    with_unit,
)
from recommender.request.target_text import EXAMPLE, targets_of, written
from recommender.slo import Target


def _goals(value: object) -> str:
    """Objectives in turn, written one way; a list of them too."""
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return ",".join(map(str, goals_of(text)))


Goals = Annotated[str, BeforeValidator(_goals), shown("cost", "cost,latency:2%")]
ClassName = Literal["zone", "region", "provider", "accelerator"]
"""Not that of the program, which nothing may import that the audit reads."""
Targets = Annotated[
    tuple[Annotated[Target, PlainSerializer(written, return_type=str), shown(EXAMPLE)], ...],
    BeforeValidator(targets_of),
]
Survived = Literal["zone", "region", "provider", "accelerator", "rack"]
Classes = Annotated[tuple[Survived, ...], BeforeValidator(classes)]

Profile = Annotated[
    str, BeforeValidator(profile_text), shown("0-8h:30%,8-20h:100%,20-24h:60%", "workload.json")
]

Models = Annotated[str, BeforeValidator(models_text), shown("70b", "70b,8b", "70b=86,8b=73")]
Quality = Annotated[float, BeforeValidator(quality_points), with_unit("%", 1), shown("70", "70%")]

SharingChoice = Annotated[Literal["off", "mig", "colocated", "both"], ANY_CASE]
Redundancy = Annotated[Literal["none", "n+1", "n+2", "n+3", "zone"], ANY_CASE]


class Spec(BaseModel):
    """One service to be served, under limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Models = Field(
        description="Name, alias or size: 236b, deepseek-v2, ./config.json; several to choose from."
    )
    qps: Rate = Field(description="Requests per second in the peak window.")
    p99: Duration | None = Field(
        None, description="Time to first token at the 99th percentile, with TPOT p99 <= 50 ms."
    )
    ttft_p99: Duration | None = Field(None, description="Time to first token, p99, at the server.")
    tpot_p99: Duration | None = Field(None, description="Mean time per output token, p99.")
    itl_p99: Duration | None = Field(None, description="Gap between tokens, p99 over all gaps.")
    e2e_p99: Duration | None = Field(None, description="Arrival to last token, p99.")
    slo: Targets = Field((), description="More targets, also for some lengths only.")
    slo_over: Annotated[Literal["peak", "trace"], ANY_CASE] = Field(
        "peak", description="What percentiles are over: the peak rate, or all of the trace."
    )
    goodput: Share | None = Field(
        None, description="Least share of requests that meet all limits; replaces percentiles."
    )

    workload: str = Field("chat", description="Preset of token lengths and burstiness.")
    trace: str | None = Field(None, description="File of requests to take the lengths from.")
    isl: Tokens | None = Field(None, description="Mean prompt length; the preset's shape is kept.")
    osl: Tokens | None = Field(None, description="Mean output length; the shape is kept.")
    prefix_hit: Share = Field(
        0.0, ge=0, le=0.99, description="Share of prompt tokens found in the prefix cache."
    )
    burstiness: Number | None = Field(
        None, gt=0, le=20, description="Coefficient of variation of inter-arrival times."
    )

    profile: Profile | None = Field(
        None, description="Share of the rate per period of the day, or a workload file."
    )
    start_up: StartUp | None = Field(
        None, description="Time that a node runs before the period that it is started for."
    )

    minimize: Goals = Field("cost", description="What the plan minimises, in turn.")
    budget: Money | None = Field(
        None, description="Most to spend, per hour, month, year or several of these."
    )
    horizon: Horizon | None = Field(
        None, description="Time over which the report adds up what the plan costs; no limit."
    )
    power: Power | None = Field(None, description="Most nameplate power.")
    max_accelerators: Count | None = Field(None, ge=1, description="Most accelerators.")
    max_nodes: Count | None = Field(None, ge=1, description="Most nodes.")
    max_types: Count | None = Field(
        None, ge=1, le=1000, description="Most accelerator types in the plan."
    )
    redundancy: Redundancy = Field("n+1", description="Node losses that the plan survives.")
    survive: Classes = Field((), description="What may be lost whole: any one of each of these.")
    zones: Count | None = Field(None, ge=1, le=16, description="Zones per region of every offer.")
    min_zones: Count | None = Field(None, ge=1, le=1000, description="Fewest zones to buy in.")
    min_providers: Count | None = Field(
        None, ge=1, le=1000, description="Fewest providers to buy from."
    )
    max_provider_share: Share | None = Field(
        None, gt=0, le=1, description="Most of the capacity that one provider sells."
    )
    min_utilisation: Share | None = Field(
        None, gt=0, le=1, description="Least use at peak; headroom bounds it from above."
    )
    headroom: Share = Field(0.2, description="Burst headroom on demand, all nodes up.")
    confidence: Share = Field(0.8, description="Confidence that step times are not slower.")
    max_quality_loss: Share = Field(0.01, description="Most quality lost to quantisation.")
    max_mean_quality_loss: Share | None = Field(
        None, description="Most quality lost on average over requests."
    )
    min_quality: Quality | None = Field(
        None, description="Least quality of the model's answers after quantisation, of 100."
    )
    mix_models: bool = Field(
        False, description="Several models at a time; --min-quality is then a mean over requests."
    )
    carbon: Emission | None = Field(None, description="Most CO2e, planned power x PUE x grid.")
    pue: Number | None = Field(None, ge=1, le=3, description="Power usage effectiveness of sites.")
    racks: Racks | None = Field(None, description="Racks at hand, their height and power.")
    within: Days | None = Field(None, description="Most days from order to use.")
    cooling: Annotated[Literal["air", "liquid"], ANY_CASE] | None = Field(
        None, description="What cools the nodes."
    )
    max_load_time: Duration | None = Field(
        None, description="Most time to read the weights of a node from its own drives."
    )
    max_network_share: Share | None = Field(
        None, gt=0, le=1, description="Most of a node's network that its requests may use."
    )
    derate: Share = Field(0.0, le=4, description="Slower step times, as under virtualisation.")
    min_host_ram_factor: Number | None = Field(
        None, gt=0, le=16, description="Least host RAM, in weights of a replica on the node."
    )

    gpu: Names = Field((), description="Names, aliases or families; !NAME leaves one out.")
    provider: Names = Field((), description="Only these providers.")
    region: Names = Field((), description="Only these regions.")
    offers: Annotated[Literal["default", "all"], ANY_CASE] = Field(
        "default", description="Which offers to consider."
    )
    terms: Names = Field(
        ("on_demand",), min_length=1, description="on_demand, spot, reserved_1yr, ..."
    )
    min_bandwidth: Bandwidth | None = Field(None, description="Least memory bandwidth.")
    precision: Names = Field((), description="Weight precisions; default is native, fp8, int8.")
    kv_precision: Names = Field((), description="KV-cache precisions; default is bf16.")
    engine: str = Field("vllm", description="Serving engine.")
    speculative: Speculative | None = Field(
        None, description="Tokens drafted per step, and tokens gained per step on average."
    )
    basis: Annotated[Literal["calibrated", "measured"], ANY_CASE] = Field(
        "calibrated", description="Step times: roofline, or measured operators where covered."
    )
    calibration: str | None = Field(
        None, description="Folder of calibration tables, as `recommend calibrate` writes it."
    )
    catalog: Names = Field((), description="Overlay files or folders, later ones win.")

    share: SharingChoice = Field("off", description="Instances that share an accelerator.")
    single: bool = Field(False, description="One deployment only (no mixing).")
    disaggregate: Annotated[Literal["never", "auto", "only"], ANY_CASE] = Field(
        "never", description="Pools of their own for prompts and tokens, where they win."
    )
    solver: str | None = Field(None, description="Solver to use; default picks and proves.")
    time_limit: Duration = Field(
        60.0,
        description="Time for the whole decision and its explanation, not for each solve; of a "
        "sweep for every value, of a batch for every spec.",
    )
    prove: bool = Field(False, description="Exit 4 unless two methods agree on the optimum.")
    fast: bool = Field(False, description="Closed forms with their safe factor, no simulation.")

    @model_validator(mode="after")
    def _consistent(self) -> "Spec":
        for problem in slo_problems(self):
            raise ValueError(problem)
        if self.goals[0].objective == "latency" and not (
            self.budget or self.power or self.max_accelerators or self.max_nodes or self.carbon
        ):
            raise ValueError(
                "--minimize latency needs a limit: --budget, --power, --max-accelerators, "
                "--max-nodes or --carbon"
            )
        for problem in out_of_range(self):
            raise ValueError(problem)
        for contradiction in contradictions(self):
            raise ValueError(contradiction)
        return self

    @property
    def failures(self) -> int:
        """Nodes that may be lost, k of N+k; the loss of a zone takes any node of it along."""
        return {"none": 0, "n+1": 1, "n+2": 2, "n+3": 3, "zone": 0}[self.redundancy]

    @property
    def survived(self) -> tuple[ClassName, ...]:
        """Classes of which any one value may be lost, `--redundancy zone` among them."""
        zone: tuple[ClassName, ...] = ("zone",) if self.redundancy == "zone" else ()
        classes = (name for name in self.survive if name != "rack")
        return tuple(dict.fromkeys((*zone, *classes)))

    @property
    def survives_rack(self) -> bool:
        """Whether any one rack may be lost."""
        return "rack" in self.survive

    @property
    def periods(self) -> tuple[Period, ...]:
        """Periods of the day; none without a profile."""
        return () if self.profile is None else periods_of(self.profile)

    @property
    def models(self) -> tuple[ModelChoice, ...]:
        """The models that may serve the requests, with their quality as far as it is given."""
        return model_choices(self.model)

    @property
    def goals(self) -> tuple[Goal, ...]:
        """Objectives in turn."""
        return goals_of(self.minimize)
