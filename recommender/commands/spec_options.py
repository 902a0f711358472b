"""Flags that describe a spec, shared by the commands that take one.

Precedence: flags, then `--set name=value`, then `-f spec.yaml`, then defaults. The table is
written out, not derived from `Spec`, so that `--help` needs no pydantic; a test keeps the two
equal.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from recommender.errors import SpecError

VALUES: dict[str, tuple[str, str]] = {
    "model": (
        "MODELS",
        "model: 236b, deepseek-v2, 70b, ./config.json; or several to choose from: 70b,8b, with "
        "the quality of each, of 100: 70b=86,8b=73 (default: the catalogue's benchmark)",
    ),
    "qps": ("RATE", "requests per second in the peak window: 2000, 2kqps"),
    "p99": ("TIME", "time to first token p99, with TPOT p99 <= 50 ms: 200ms"),
    "ttft_p99": ("TIME", "time to first token, p99 at the server"),
    "tpot_p99": ("TIME", "mean time per output token, p99 over requests"),
    "itl_p99": ("TIME", "gap between tokens, p99 over gaps"),
    "e2e_p99": ("TIME", "arrival to last token, p99"),
    "slo": ("TARGET", "one more target, repeatable: 'ttft p95 <= 150ms for input <= 1024'"),
    "goodput": ("SHARE", "requests that meet all limits, instead of percentiles: 99%"),
    "slo_over": (
        "WHAT",
        "percentiles over requests at the peak rate (peak, default) or over all of --trace (trace)",
    ),
    "workload": ("NAME", "preset of token lengths: chat, code, rag, reasoning, ..."),
    "trace": ("FILE", "workload file written by `recommend workload`"),
    "isl": ("TOKENS", "mean prompt length; the preset's shape is kept"),
    "osl": ("TOKENS", "mean output length; the preset's shape is kept"),
    "prefix_hit": ("SHARE", "prompt tokens found in the prefix cache (default 0%)"),
    "burstiness": ("CV", "coefficient of variation of the gaps between all requests"),
    "profile": (
        "PERIODS",
        "share of the rate per period of the day: 0-8h:30%,8-20h:100%,20-24h:60%; or a file of "
        "`recommend workload`",
    ),
    "start_up": ("TIME", "time that a node runs before the period it is started for (default 0)"),
    "minimize": (
        "WHAT",
        "cost (default), latency, power, accelerators, nodes, carbon, energy, quality (its "
        "loss), or several in turn: cost,latency:2%",
    ),
    "budget": ("MONEY", "most to spend: $500/h, $40k/mo, $2M/yr, $10M/3yr"),
    "horizon": ("TIME", "add up what the plan costs over this time: 3yr, 18mo"),
    "power": ("POWER", "most nameplate power: 300kW, 1.5MW"),
    "max_accelerators": ("N", "most accelerators"),
    "max_nodes": ("N", "most nodes"),
    "max_types": ("M", "most accelerator types in one plan"),
    "redundancy": ("N+K", "none, n+1 (default), n+2, n+3 nodes lost, or zone: any one zone"),
    "survive": ("LIST", "any one zone, region, provider, accelerator type or rack may be lost"),
    "zones": ("N", "every offer is sold in N zones of its region; stock is shared"),
    "min_zones": ("N", "fewest zones to buy in"),
    "min_providers": ("N", "fewest providers to buy from"),
    "max_provider_share": ("SHARE", "most of the capacity that one provider sells: 60%"),
    "min_utilisation": ("SHARE", "least use at peak: 70%; --headroom bounds it from above"),
    "headroom": ("SHARE", "burst headroom, all nodes up (default 20%)"),
    "confidence": ("SHARE", "confidence that step times hold (default 80%)"),
    "max_quality_loss": ("SHARE", "most quality lost to quantisation (default 1%)"),
    "max_mean_quality_loss": ("SHARE", "most quality lost on average over requests"),
    "min_quality": ("POINTS", "least quality of the model after quantisation, of 100: 70"),
    "carbon": ("RATE", "most CO2e of planned power x PUE x grid: 50kg/h, 400t/yr"),
    "pue": ("RATIO", "power usage effectiveness of sites (default: the catalogue's world mean)"),
    "racks": ("RACKS", "racks at hand: 10x42U@40kW"),
    "within": ("DAYS", "most days from order to use: 30d; reserved terms do not say theirs"),
    "cooling": ("CLASS", "air or liquid; offers whose cooling is unknown are left out"),
    "max_load_time": ("TIME", "most time to read a node's weights from its own drives: 5m"),
    "max_network_share": ("SHARE", "most of a node's network that its requests may use: 20%"),
    "derate": ("SHARE", "step times slower by this, as under virtualisation: 15%"),
    "min_host_ram_factor": ("FACTOR", "least host RAM, in weights of a replica on the node: 1.2"),
    "gpu": ("LIST", "names, aliases or families: H100,H200 or !L4"),
    "provider": ("LIST", "only these providers"),
    "region": ("LIST", "only these regions"),
    "offers": ("SET", "default, or all: adverts, fractions, undated rows too"),
    "terms": ("LIST", "on_demand (default), spot, reserved_1yr, reserved_3yr, owned"),
    "share": ("HOW", "off (default), mig, colocated or both: small models share accelerators"),
    "min_bandwidth": ("RATE", "least memory bandwidth: 600GB/s"),
    "precision": ("LIST", "weight precisions: bf16,fp8,int8,int4,fp4"),
    "kv_precision": ("LIST", "KV-cache precisions: bf16,fp8"),
    "engine": ("NAME", "vllm (default), sglang, trtllm, llama.cpp"),
    "speculative": ("K:A", "speculative decoding: K drafts a step, A tokens gained: 3:2.1"),
    "basis": ("BASIS", "calibrated (default), or measured operators where they cover: [aic] extra"),
    "calibration": ("DIR", "calibration tables of `recommend calibrate`, for your own runs"),
    "catalog": ("FILES", "overlay files or folders, later ones win"),
    "disaggregate": (
        "WHEN",
        "prefill and decode pools: never (default), auto where they win, or only",
    ),
    "solver": ("NAME", "solver to use; by default one is picked and proven"),
    "time_limit": (
        "TIME",
        "time for the whole decision and its explanation (default 60s); of a sweep for every "
        "value, of a batch for every spec; what it left out or did not prove is named",
    ),
}
SWITCHES: dict[str, str] = {
    "mix_models": "several models at a time; --min-quality is then a mean over requests",
    "single": "one deployment only, no mixing",
    "prove": "exit 4 unless two methods agree on the optimum",
    "fast": "closed forms with their safe factor instead of simulation",
}

JOINED = {"LIST": ",", "MODELS": ",", "FILES": ",", "PERIODS": ",", "TARGET": "; "}
"""Metavars of the flags that may be given in parts, and what joins these: `--gpu H100 --gpu H200`
is `H100,H200`."""

Command = Callable[..., Any]


def spec_options(function: Command) -> Command:
    """Add all flags of a spec, `-f` and `--set` to a command."""
    for name, text in reversed(SWITCHES.items()):
        function = click.option(_flag(name), name, is_flag=True, default=None, help=text)(function)
    for name, (metavar, text) in reversed(VALUES.items()):
        function = click.option(_flag(name), name, metavar=metavar, multiple=True, help=text)(
            function
        )
    function = click.option(
        "--set", "settings", multiple=True, metavar="NAME=VALUE", help="set any value of the spec"
    )(function)
    return click.option(
        "-f",
        "--file",
        "spec_file",
        metavar="FILE",
        multiple=True,
        help="spec in YAML or JSON; - reads standard input",
    )(function)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def collect(flags: dict[str, Any]) -> dict[str, Any]:
    """Raw values of a spec from `-f`, `--set` and flags; removes them from `flags`."""
    raw: dict[str, Any] = {}
    files = flags.pop("spec_file")
    if len(files) > 1:
        raise SpecError(f"-f is given {len(files)} times: {', '.join(files)}; a spec is one file")
    for path in files:
        if not path.strip():
            raise SpecError("-f is given without a value; leave it out, or name a spec file")
        from recommender.request.spec_file import read_spec_file

        raw |= read_spec_file(Path(path))
    given: dict[str, Any] = dict(settings_of(flags.pop("settings")))
    switches = {name: flags.pop(name) for name in SWITCHES}
    values = {name: _one(name, flags.pop(name)) for name in VALUES}
    given |= {name: value for name, value in (switches | values).items() if value is not None}
    _one_source_of_lengths(given)
    return raw | given


def _one_source_of_lengths(given: dict[str, Any]) -> None:
    """Refuse a preset beside a trace; beside a file's preset, a trace overrides it and says so."""
    if "workload" in given and "trace" in given:
        raise SpecError(
            f"--workload {given['workload']} and --trace {given['trace']} both say what requests "
            "are like; keep one of them (lengths of a trace are stretched by --isl and --osl)"
        )


def settings_of(given: tuple[str, ...]) -> dict[str, str]:
    """Values of `--set`, each name once."""
    found: dict[str, str] = {}
    for setting in given:
        name, separator, value = setting.partition("=")
        key = name.strip().replace("-", "_")
        if not separator:
            raise SpecError(f"--set {setting!r} is not NAME=VALUE, such as qps=500")
        if key in found:
            raise SpecError(f"--set gives {key} twice: {found[key]}, {value.strip()}")
        found[key] = value.strip()
    return found


def _one(name: str, given: tuple[str, ...]) -> str | None:
    """The value of a flag: lists given in parts are joined, any other flag is given once."""
    if not all(part.strip() for part in given):
        raise SpecError(f"{_flag(name)} is given without a value; leave it out, or say what")
    joint = JOINED.get(VALUES[name][0])
    if len(given) > 1 and joint is None:
        raise SpecError(f"{_flag(name)} is given {len(given)} times: {', '.join(given)}")
    return (joint or "").join(given) if given else None
