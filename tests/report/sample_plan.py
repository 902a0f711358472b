"""A plausible plan, made by hand: DeepSeek-V2 at 2000 requests/s on B200 and H200 nodes.

max rate     192 x 12.24 + 4 x 12.6 = 2350.08 + 50.4 = 2400.48 >= 1.2 x 2000
cost         96 x $44 + 4 x $80     = $4,544/h; x 730 h = $3,317,120/month
nameplate    96 x 14.3 kW + 4 x 10.2 kW = 1413.6 kW
"""

from dataclasses import replace

from recommender.plan import (
    Assumption,
    Deployment,
    Finding,
    FrontPoint,
    Funnel,
    LedgerLine,
    NodePurchase,
    Placement,
    Plan,
    Repair,
    RunnerUp,
    Totals,
)
from recommender.slo import Target

MODEL = "deepseek-ai/DeepSeek-V2"
B200 = "nebius/gpu-b200-sxm_8gpu-160vcpu-1792gb/us-central1/on_demand"
H200 = "oci/BM.GPU.H200.8/us-ashburn-1/on_demand"

TP4 = Deployment(
    service="chat",
    model=MODEL,
    provider="nebius",
    offer=B200,
    accelerator="B200 180GB SXM",
    precision="fp8",
    kv_precision="fp8",
    engine="vllm",
    tp=4,
    pp=1,
    adp=1,
    ep=1,
    dp=192,
    max_batch=256,
    chunk_tokens=8192,
    accelerators_per_replica=4,
    nodes_per_replica=1,
    nodes=96,
    accelerators=768,
    requests_per_s=1958.008398,
    max_requests_per_s=2350.08,
    share=0.979004199,
    utilisation=0.833166667,
    ttft_p99_s=0.187412,
    tpot_p99_s=0.03124,
    e2e_p99_s=21.84,
    ttft_p99_predicted_s=0.179033,
    tpot_p99_predicted_s=0.02991,
    e2e_p99_predicted_s=20.9,
    vram_used_gib=141.26,
    vram_usable_gib=150.87,
    weights_gib=56.131,
    kv_cache_gib=77.4,
    overhead_gib=7.729,
    quality_loss_pct=0.3,
    quality_basis="transferred",
    cost_usd_per_h=4224.0,
    power_w=998_400.0,
    basis="calibrated",
    rate_basis="simulated",
    name="d1",
    step_law={"a": 0.0049, "b": 2.1e-5, "g": 1.6e-9, "d": 1.1e-5, "q": 0.0, "max_batch": 256.0},
)

TP8 = replace(
    TP4,
    name="d2",
    provider="oci",
    offer=H200,
    accelerator="H200 141GB SXM",
    tp=8,
    dp=4,
    accelerators_per_replica=8,
    nodes=4,
    accelerators=32,
    requests_per_s=41.991602,
    max_requests_per_s=50.4,
    share=0.020995801,
    ttft_p99_s=0.19127,
    tpot_p99_s=0.0418,
    vram_used_gib=103.5,
    vram_usable_gib=118.2,
    weights_gib=28.066,
    kv_cache_gib=67.705,
    cost_usd_per_h=320.0,
    power_w=29_900.0,
)

TOTALS = Totals(
    nodes=100,
    accelerators=800,
    requests_per_s=2000.0,
    cost_usd_per_h=4544.0,
    cost_usd_per_month=3_317_120.0,
    usd_per_million_output_tokens=4.207,
    usd_per_million_output_tokens_at_peak=2.6296,
    power_w=1_028_300.0,
    power_nameplate_w=1_413_600.0,
    p99_s=0.19127,
    degraded_p99_s=0.19322,
    energy_kwh_per_month=750_659.0,
    quality_loss_pct=0.3,
    cost_not_included=("egress traffic", "storage", "support"),
)


def _point(cost: float, p99: float, power: float, nodes: int, chosen: bool = False) -> FrontPoint:
    text = f"{nodes} nodes nebius 8xB200 180GB SXM, fp8, {2 * nodes} replicas of tp4"
    return FrontPoint(cost, p99, power, 0.3, chosen, text, nodes, 8 * nodes, True)


FRONT = (
    _point(4544.0, 0.19127, 1_413_600.0, 100, chosen=True),
    _point(4576.0, 0.17911, 1_487_200.0, 104),
    _point(4752.0, 0.15872, 1_544_400.0, 108),
    _point(4928.0, 0.14213, 1_601_600.0, 112),
    _point(5104.0, 0.12991, 1_658_800.0, 116),
    _point(5280.0, 0.12104, 1_716_000.0, 120),
    _point(5632.0, 0.10818, 1_830_400.0, 128),
    _point(5984.0, 0.10022, 1_944_800.0, 136),
    _point(6336.0, 0.09507, 2_059_200.0, 144),
    _point(6688.0, 0.09182, 2_173_600.0, 152),
    _point(7040.0, 0.08961, 2_288_000.0, 160),
    _point(9120.0, 0.19744, 1_162_800.0, 114),
)

LEDGER = (
    LedgerLine("model error", "80 % one-sided: step times x 1.094", 4092.0, 452.0, 9.95),
    LedgerLine("queueing form", "none: rates are simulated", 4544.0, 0.0, 0.0),
    LedgerLine("burst headroom", "20 %", 3808.0, 736.0, 16.2, "carries 2,400/s with all nodes up"),
    LedgerLine("redundancy", "n+1", 4544.0, 0.0, 0.0, "the headroom covers one node already"),
    LedgerLine("frontend", "40 ms of TTFT", None, None, None, "not priced in time"),
)

ASSUMPTIONS = (
    Assumption("workload", "chat (mean 1,020 in, 240 out tokens)", "--workload", "Azure 2023"),
    Assumption("engine", "vllm 0.11", "--engine"),
    Assumption("confidence", "80 %", "--confidence", "", "-10 % cost at 50 %"),
    Assumption("headroom", "20 %", "--headroom", "", "-16 % cost without it"),
    Assumption("redundancy", "n+1", "--redundancy"),
    Assumption("offers", "default: on demand, list prices, dated", "--offers all"),
    Assumption("precisions", "bf16 (native), fp8 where native", "--precision"),
)

RUNNERS_UP = (
    RunnerUp(
        "without B200 180GB SXM",
        "148 x 8xH200 at nebius, fp8 tp8",
        4144.0 * 1.31,
        19.5,
        0.19641,
        1_509_600.0,
        "slower prefill",
    ),
    RunnerUp(
        "without nebius",
        "99 x 8xB200 at coreweave, fp8 tp4",
        6811.2,
        49.9,
        0.18811,
        1.42e6,
        "dearer by the hour",
    ),
    RunnerUp(
        "another layout on B200 180GB SXM",
        "fp8, tp8",
        5016.0,
        10.4,
        0.16302,
        1.63e6,
        "less rate per accelerator",
    ),
)

AUDIT = (
    Finding("demand[chat]", 2400.48, 2400.48, "requests/s", True),
    Finding("survives 1 node", 2000.0, 2376.0, "requests/s", True, "worst node: nebius 8xB200"),
    Finding("TTFT p99", 0.19127, 0.19127, "s", True, "simulated again with other seeds"),
    Finding("cost", 4544.0, 4544.0, "USD/h", True),
    Finding("memory", 141.26, 141.26, "GiB", True),
)

FUNNEL = Funnel(
    18_234,
    1_104,
    {"memory": 9_120, "latency": 5_870, "heads": 1_640, "precision": 500},
    {
        "memory": "A100 80GB SXM bf16 tp8: weights 56.1 GiB + KV 20.1 GiB > 72.0 GiB usable",
        "latency": "L40S fp8 tp8 pp2: idle TTFT p99 212 ms > 200 ms",
        "heads": "tp6: 128 heads are not divisible by 6",
        "precision": "fp8 on A100 is weight-only",
    },
)

PLAN = Plan(
    status="optimal",
    proof="exact:branch-and-bound, mathopt:SCIP",
    spec={
        "model": "236b",
        "qps": "2000qps",
        "p99": "200ms",
        "workload": "chat",
        "redundancy": "n+1",
        "headroom": "20%",
        "gpu": ["B200", "H200"],
        "budget": None,
    },
    model=MODEL,
    targets=(Target("ttft", 0.2), Target("tpot", 0.05)),
    deployments=(TP4, TP8),
    nodes=(
        NodePurchase(B200, 96, 44.0, "2026-01-01", "skypilot-catalog nebius", 8),
        NodePurchase(H200, 4, 80.0, "2026-01-01", "OCI price list", 8),
    ),
    placements=(
        Placement(
            offer=B200, groups=96, nodes_per_group=1, replicas={"d1": 2}, requests_per_s=24.48
        ),
        Placement(offer=H200, groups=4, nodes_per_group=1, replicas={"d2": 1}, requests_per_s=12.6),
    ),
    totals=TOTALS,
    objective=4544.0,
    bound=4544.0,
    gap=0.0,
    solver="branch-and-bound; MathOpt SCIP 9.2",
    assumptions=ASSUMPTIONS,
    ledger=LEDGER,
    binding=(
        "demand[chat]: 2,400.48/s of 2,400/s asked; one replica less breaks it",
        "TTFT p99 200 ms sets the rate of each replica (TPOT p99 50 ms does not bind)",
    ),
    runners_up=RUNNERS_UP,
    front=FRONT,
    audit=AUDIT,
    repairs=(),
    warnings=(
        "96 nodes of nebius 8xB200: availability not verified above 32 nodes",
        "fp8 quality loss is transferred from another family",
    ),
    funnel=FUNNEL,
    seconds={"enumerate": 0.41, "solve": 0.22, "simulate": 1.3},
)

INFEASIBLE = Plan(
    status="infeasible",
    proof="exact:branch-and-bound, mathopt:SCIP",
    spec={"model": "236b", "qps": "2000qps", "p99": "30ms", "redundancy": "n+1"},
    model=MODEL,
    targets=(Target("ttft", 0.03), Target("tpot", 0.05)),
    solver="branch-and-bound",
    assumptions=ASSUMPTIONS,
    binding=("TTFT p99 30 ms is below the frontend time of vllm alone (40 ms)",),
    repairs=(
        Repair("--ttft-p99", "92 ms", "160 x 8xB200 at nebius, $7,040/h"),
        Repair("--confidence", "50%", "TTFT p99 58 ms at $8,100/h"),
    ),
    warnings=("no candidate was simulated",),
    funnel=replace(FUNNEL, candidates=0),
)
