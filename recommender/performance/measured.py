"""Step times composed from measured operators: the tables of aiconfigurator-core 0.12.0.

That package (Apache-2.0, the optional extra `aic`) holds 12.6 million measured kernel times by
accelerator, engine and version, and composes them into engine steps. It is imported only when
`--basis measured` asks for it. Covered are replicas

    of a network whose configuration the package ships, on an accelerator that it measured
    with vLLM, SGLang or TensorRT-LLM, weights in bf16, fp8 or fp4, cache in bf16 or fp8
    of one pipeline stage and one attention rank (its prompts run on all ranks at once)
    inside one scale-up domain, not shared with other instances

and of these only where every operator of the step was measured: a step that holds an estimated one
is not used. Everything else stays with the calibrated roofline (`layered`).
"""

import importlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from catalog.errors import CatalogError
from catalog.network import network
from catalog.schema import LanguageModel
from recommender.errors import SpecError
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.units import MILLI

PACKAGE = "aiconfigurator_core"
EXTRA = "pip install 'llm-hardware-recommender[aic]'"
ENGINES = ("vllm", "sglang", "trtllm")
SYSTEMS = {
    "A100 80GB SXM4": "a100_sxm",
    "H100 80GB SXM5": "h100_sxm",
    "H200 141GB SXM5": "h200_sxm",
    "B200 180GB SXM": "b200_sxm",
    "B300 288GB SXM": "b300_sxm",
    "GB200 186GB (per GPU, NVL72)": "gb200",
    "GB300 288GB (per GPU, NVL72)": "gb300",
    "L40S": "l40s",
    "RTX PRO 6000 Blackwell Server": "rtx_pro_6000_server",
}
WEIGHTS = {"bf16": "bfloat16", "fp8": "fp8", "fp4": "nvfp4"}
BLOCK_FP8 = "fp8_block"
CACHES = {"bf16": "bfloat16", "fp8": "fp8"}


class StepTimes(Protocol):
    """Times of one replica [s]; None where an operator was not measured."""

    def decode_s(self, sequences: int, context: int) -> float | None:
        """A step in which `sequences` decode, each with this context."""

    def prompt_s(self, tokens: int, before: int) -> float | None:
        """A step of one prompt of `tokens`, after `before` tokens of it."""

    def mixed_s(self, tokens: int, sequences: int, context: int) -> float | None:
        """A step of one prompt of `tokens` and decoding sequences."""


def check_installed() -> None:
    """Raise SpecError, with what to install, when the extra is missing."""
    _package()


@lru_cache(maxsize=1)
def shipped_models() -> Mapping[str, str]:
    """Networks of the models whose configuration the package ships, by their identifiers; blank
    where the configuration cannot be read here.

    Raises
    ------
    SpecError
        The extra is not installed.
    """
    folder = Path(_package().__file__).parent / "model_configs"
    return {
        path.name.removesuffix("_config.json").replace("--", "/", 1): _network_of(path)
        for path in sorted(folder.glob("*_config.json"))
        if not path.name.endswith("_hf_quant_config.json")
    }


def _network_of(path: Path) -> str:
    # only where measured operators are asked for
    from catalog.model_reader import read_model_config

    try:
        return network(read_model_config(path))
    except CatalogError:
        return ""


def shipped_as(model: LanguageModel) -> str | None:
    """The identifier under which the package ships this network: its own, or the shortest of those
    with equal sizes (Llama-3.1-8B for Llama-3.1-8B-Instruct); None where it ships none.
    """
    shipped = shipped_models()
    if model.id in shipped:
        return model.id
    own = network(model)
    return min((name for name, other in shipped.items() if other == own), key=len, default=None)


def step_times(
    model: LanguageModel, hardware: Hardware, layout: Layout, engine: str
) -> StepTimes | None:
    """Times of a replica of this layout; None where the tables do not cover it.

    Raises
    ------
    SpecError
        The extra is not installed.
    """
    system = SYSTEMS.get(hardware.accelerator.name)
    alone = layout.pp == layout.adp == 1 and hardware.sharing is None
    inside = layout.accelerators <= hardware.domain
    formats = layout.precision in WEIGHTS and layout.kv_precision in CACHES
    if not (system and engine in ENGINES and alone and inside and formats):
        return None
    name = shipped_as(model)
    if name is None:
        return None
    weights = WEIGHTS[layout.precision]
    if weights == "fp8" and (model.is_moe or "block" in (model.native_quantisation or "")):
        weights = BLOCK_FP8  # as published fp8 checkpoints of expert models are
    experts = (layout.tp, 1) if layout.ep == 1 else (1, layout.ep)
    handle = _handle(name, system, engine, layout.tp, experts, weights, CACHES[layout.kv_precision])
    return None if handle is None else _Tables(handle)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Times by the package's engine, in milliseconds there."""

    handle: Any

    def decode_s(self, sequences: int, context: int) -> float | None:
        return self._asked("predict_decode_latency", sequences, context, 2)

    def prompt_s(self, tokens: int, before: int) -> float | None:
        return self._asked("predict_prefill_latency", 1, tokens + before, before)

    def mixed_s(self, tokens: int, sequences: int, context: int) -> float | None:
        # a step whose decodes have `context` tokens on average: half of twice the difference
        outputs = max(2 * (context - tokens), 2)
        return self._asked("mixed_step_latency", tokens, sequences, tokens, outputs)

    def _asked(self, method: str, *arguments: int) -> float | None:
        try:
            found = float(getattr(self.handle, method)(*arguments)) * MILLI
        except (ValueError, RuntimeError, LookupError, AssertionError):
            return None  # no table reaches this size
        return found if self.handle.last_provenance() is None else None


@lru_cache(maxsize=4096)
def _handle(
    model: str,
    system: str,
    engine: str,
    tp: int,
    experts: tuple[int, int],
    weights: str,
    cache: str,
) -> Any | None:
    """The package's engine of a replica; None where it has no tables for it."""
    _package()
    sdk = importlib.import_module(f"{PACKAGE}.sdk")
    try:
        return sdk.EngineHandle.compile(
            model,
            system,
            engine,
            tp_size=tp,
            moe_tp_size=experts[0],
            moe_ep_size=experts[1],
            gemm_quant_mode=weights,
            moe_quant_mode=weights,
            kvcache_quant_mode=cache,
            fmha_quant_mode="bfloat16",
        )
    except (ValueError, RuntimeError, LookupError, AssertionError, NotImplementedError):
        return None


@lru_cache(maxsize=1)
def _package() -> Any:
    try:
        package = importlib.import_module(PACKAGE)
    except ImportError:
        raise SpecError(f"--basis measured needs the operator tables: {EXTRA}") from None
    logging.getLogger(PACKAGE).setLevel(logging.ERROR)
    return package
